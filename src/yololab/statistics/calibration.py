"""How often the analyses err where the truth is known: `python -m yololab.statistics.calibration [--studies 2000]`.

A/A studies: rows that do not differ. Family-wise error is the share of studies in which any row is found different,
coverage the share in which all simultaneous intervals hold their true difference (for seeds measured on the same
errors with rows shifted by known amounts). Both should be 5% and 95%. Prints Markdown tables.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from yololab.statistics.blocks import Values, fit_blocks
from yololab.statistics.bootstrap import image_weights
from yololab.statistics.comparison import compare_to_baseline
from yololab.statistics.contrasts import differences_to
from yololab.statistics.nested import estimate_nested, replicate_study
from yololab.statistics.power import dunnett_critical
from yololab.statistics.sequential import SequentialRule, look
from yololab.statistics.simulated import Chance, draw_images, draw_study

Errors = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
ERRORS: dict[str, Errors] = {
    "normal": lambda generator, shape: generator.normal(size=shape),
    "log-normal": lambda generator, shape: generator.lognormal(0.0, 0.5, size=shape),
}
"""Errors (rows, seeds); the log-normal ones have skewness 1.75"""
ALPHA = 0.05
CHUNK = 10_000
LAYOUTS = [(rows, seeds) for rows in (2, 3, 6, 12) for seeds in (2, 3, 5, 10)]
CHANCES = {"seeds and images": Chance(), "mostly seeds": Chance(training=0.4), "mostly images": Chance(training=0.0)}


@dataclass(frozen=True)
class Measured:
    """Shares of simulated studies with any false difference, and with all intervals right."""

    setting: str
    studies: int
    rejected: float
    covered: float

    @property
    def error(self) -> float:
        """Monte-Carlo standard error of a share of 5%."""
        return math.sqrt(ALPHA * (1 - ALPHA) / self.studies)


def measure_seeds(rows: int, seeds: int, errors: str, studies: int, method: str = "auto", seed: int = 0) -> Measured:
    """A/A studies of the comparison to a baseline; seeds have an effect as large as the error."""
    generator = np.random.default_rng([seed, rows, seeds])
    rejected = covered = 0
    for _ in range(studies):
        table = ERRORS[errors](generator, (rows, seeds)) + generator.normal(size=seeds)
        found = compare_to_baseline(_values(table), "r0", method=method).estimates
        rejected += any(estimate.p_value < ALPHA for estimate in found)
        shifts = generator.normal(0, 3, rows)
        found = compare_to_baseline(_values(table + shifts[:, None]), "r0", method=method).estimates
        truths = shifts[1:] - shifts[0]
        covered += all(estimate.low <= truth <= estimate.high for estimate, truth in zip(found, truths, strict=True))
    return Measured(f"{rows} rows, {seeds} seeds, {errors}", studies, rejected / studies, covered / studies)


def measure_critical_value(rows: int, seeds: int, errors: str, studies: int, seed: int = 0) -> Measured:
    """Balanced A/A studies of the block fit by its closed form, many at once: a sharper look at the critical value."""
    generator = np.random.default_rng([seed, rows, seeds])
    critical, rejected = dunnett_critical(rows, seeds), 0
    for first in range(0, studies, CHUNK):
        tables = ERRORS[errors](generator, (min(CHUNK, studies - first), rows, seeds))
        means = tables.mean(axis=2)
        residuals = tables - means[:, :, None] - tables.mean(axis=1, keepdims=True) + means.mean(axis=1)[:, None, None]
        variance = (residuals**2).sum(axis=(1, 2)) / ((rows - 1) * (seeds - 1))
        largest = np.abs(means[:, 1:] - means[:, :1]).max(axis=1)
        rejected += int((largest > critical * np.sqrt(2 * variance / seeds)).sum())
    share = rejected / studies
    return Measured(f"{rows} rows, {seeds} seeds, {errors}", studies, share, 1 - share)


def measure_images(rows: int, seeds: int, chance: str, studies: int, replicates: int = 100, seed: int = 0) -> Measured:
    """A/A studies of simulated detections, judged by mAP over seeds and images."""
    generator = np.random.default_rng([seed, rows, seeds])
    rejected = 0
    for _ in range(studies):
        images = draw_images(generator)
        weights = image_weights(images.num_images, replicates, generator)
        study = draw_study(images, rows, seeds, CHANCES[chance], generator)
        runs = replicate_study(study, weights, threads=1)
        found = estimate_nested(runs, differences_to(list(runs), "r0"), images.num_images)
        rejected += any(nested.estimate.p_value < ALPHA for nested in found)
    share = rejected / studies
    return Measured(f"{rows} rows, {seeds} seeds, {chance}", studies, share, 1 - share)


def measure_looks(rows: int, most: int, errors: str, studies: int, seed: int = 0) -> Measured:
    """A/A studies that look after every seed from the second to the last."""
    generator = np.random.default_rng([seed, rows, most])
    rule = SequentialRule(most=most, comparisons=rows - 1)
    contrasts = differences_to([f"r{row}" for row in range(rows)], "r0")
    rejected = 0
    for _ in range(studies):
        table = ERRORS[errors](generator, (rows, most)) + generator.normal(size=most)
        rejected += any(
            estimate.low > 0 or estimate.high < 0
            for seeds in range(rule.fewest, most + 1)
            for estimate in look(fit_blocks(_values(table[:, :seeds])), contrasts, rule, seeds)
        )
    share = rejected / studies
    return Measured(f"{rows} rows, up to {most} seeds, {errors}", studies, share, 1 - share)


def measure_all(studies: int, nested_studies: int) -> Iterator[tuple[str, Iterator[Measured]]]:
    """Title and measurements of each part."""
    for errors in ERRORS:
        for method in ("auto", "block"):
            title = f"Seeds, {errors} errors, method {method}"
            yield title, (measure_seeds(rows, seeds, errors, studies, method) for rows, seeds in LAYOUTS)
    many = 50 * studies
    title = "Seeds, block fit by its closed form"
    yield title, (measure_critical_value(*layout, errors, many) for errors in ERRORS for layout in LAYOUTS)
    plans = [(2, 5), (2, 20), (4, 20)]
    yield "Looks", (measure_looks(rows, most, errors, studies) for errors in ERRORS for rows, most in plans)
    layouts = [(2, 3), (2, 5), (4, 3)]
    yield "Images", (measure_images(rows, seeds, name, nested_studies) for name in CHANCES for rows, seeds in layouts)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description="Error rates of the statistics in simulated A/A studies.")
    parser.add_argument("--studies", type=int, default=2000, help="of each layout of seeds and of looks")
    parser.add_argument("--nested", type=int, default=500, help="of each layout of seeds and images")
    arguments = parser.parse_args()
    for title, rows in measure_all(arguments.studies, arguments.nested):
        print(f"\n{title}\n\n| study | studies | family-wise error, % | coverage, % |\n|---|---|---|---|", flush=True)
        for row in rows:
            share = f"{100 * row.rejected:.2f} ± {100 * row.error:.2f}"
            print(f"| {row.setting} | {row.studies} | {share} | {100 * row.covered:.2f} |", flush=True)


def _values(table: np.ndarray) -> Values:
    return {f"r{row}": dict(enumerate(found)) for row, found in enumerate(table.tolist())}


if __name__ == "__main__":
    main()

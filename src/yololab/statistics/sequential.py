"""Looking after each added seed without spending more than 5%: for studies that choose their number of seeds.

Alpha spending (Lan & DeMets, Biometrika 70, 1983) of O'Brien & Fleming's kind: by the share t = n / most of the
planned seeds, on each side 2 - 2 Phi(z_{alpha/4} / sqrt(t)) may be used up. The boundary of each look follows from the
density of the sum that has not crossed before (recursive integration; Armitage, McPherson & Rowe, JRSS A 132, 1969)
and enters as a two-sided level, read off Student's t at the fit's degrees of freedom (the significance level approach;
Jennison & Turnbull, Group Sequential Methods, 2000, sec. 4.4). Intervals of these levels hold at all looks at once
(repeated confidence intervals; ibid., ch. 9). alpha is shared out over the comparisons (Bonferroni).

Going from normal to t is an approximation that errs where degrees of freedom are few: with two rows and plans of 3 to
40 seeds 5% became 5.2 to 5.8%. So only SHARE of alpha is spent, which holds 5% in all of them (calibration.py). With
more rows the rule is on the safe side. Looks may be skipped; seeds may not exceed the plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy import special, stats

from yololab.errors import ConfigError
from yololab.statistics.blocks import BlockFit
from yololab.statistics.contrasts import Contrast, Estimate, estimate_contrasts
from yololab.statistics.decisions import Plan, Word, decide
from yololab.statistics.max_t import root

NODES = 256
FEWEST = 2
"""Seeds before the first look: one has no error to judge by"""
SHARE = 0.85
"""Of alpha; 5% becomes at most 4.95% in plans of 3, 5, 8, 12, 20 and 40 seeds of two rows (100,000 studies each)"""


@dataclass(frozen=True)
class SequentialRule:
    """Looks after `fewest`, `fewest` + 1, ..., `most` seeds at `comparisons` contrasts, `alpha` in all."""

    most: int
    comparisons: int
    fewest: int = FEWEST
    alpha: float = 0.05

    def __post_init__(self) -> None:
        if not 2 <= self.fewest <= self.most or self.comparisons < 1:
            raise ConfigError(
                f"looks at seeds: expected 2 <= fewest <= most and a comparison, got fewest = {self.fewest}, "
                f"most = {self.most}, comparisons = {self.comparisons}"
            )

    def level(self, seeds: int, alpha: float | None = None) -> float:
        """Two-sided level of a single comparison after `seeds` seeds; ConfigError outside the plan."""
        if not self.fewest <= seeds <= self.most:
            raise ConfigError(f"a look after {seeds} seeds, but the plan looks after {self.fewest} to {self.most}")
        times = tuple(count / self.most for count in range(self.fewest, self.most + 1))
        total = self.alpha if alpha is None else alpha
        return spent_levels(times, SHARE * total / self.comparisons)[seeds - self.fewest]


def look(fit: BlockFit, contrasts: Sequence[Contrast], rule: SequentialRule, seeds: int) -> tuple[Estimate, ...]:
    """Contrasts after `seeds` seeds, with intervals that hold at all looks; no p-value, as none holds at all looks."""
    if len(contrasts) != rule.comparisons:
        raise ConfigError(f"the rule was made for {rule.comparisons} comparisons, got {len(contrasts)}")
    wide, narrow = rule.level(seeds), rule.level(seeds, 2 * rule.alpha)
    singly = [estimate_contrasts(fit, [contrast])[0] for contrast in contrasts]
    return tuple(estimate if estimate.note else _at_look(estimate, wide, narrow) for estimate in singly)


def is_decided(estimates: Sequence[Estimate], plan: Plan) -> bool:
    """Whether every contrast has a word, so that no further seed is needed."""
    return all(decide(estimate, plan).word is not Word.UNKNOWN for estimate in estimates)


def _at_look(estimate: Estimate, wide: float, narrow: float) -> Estimate:
    half = float(stats.t.isf(wide / 2, estimate.df)) * estimate.standard_error
    inner = float(stats.t.isf(narrow / 2, estimate.df)) * estimate.standard_error
    return replace(
        estimate,
        low=estimate.difference - half,
        high=estimate.difference + half,
        equivalence_low=estimate.difference - inner,
        equivalence_high=estimate.difference + inner,
        p_value=float("nan"),
        p_holm=float("nan"),
    )


@lru_cache(maxsize=1024)
def spent_levels(times: tuple[float, ...], alpha: float) -> tuple[float, ...]:
    """Two-sided level of each look at shares `times` of the information, rising to 1, that together spend `alpha`."""
    quantile = -special.ndtri(alpha / 4)
    spent = [float(4 * special.ndtr(-quantile / np.sqrt(time))) for time in times]
    levels, before = [], 0.0
    points, mass = np.zeros(1), np.ones(1)  # the sum at the look before, among paths that have not crossed
    for index, time in enumerate(times):
        step = np.sqrt(time - before)
        bound = _bound(points, mass, step, spent[index] - (spent[index - 1] if index else 0.0))
        levels.append(float(2 * special.ndtr(-bound / np.sqrt(time))))
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        density = np.exp(-(((bound * nodes[:, None] - points) / step) ** 2) / 2) / (step * np.sqrt(2 * np.pi)) @ mass
        points, mass, before = bound * nodes, bound * weights * density, time
    return tuple(levels)


def _bound(points: np.ndarray, mass: np.ndarray, step: float, wanted: float) -> float:
    """The b beyond which, on either side, the next sum lies with probability `wanted`."""

    def excess(bound: float) -> float:
        outside = special.ndtr((points - bound) / step) + special.ndtr((-points - bound) / step)
        return float(np.log(max(float(outside @ mass), 1e-300)) - np.log(wanted))

    return root(excess, 0.0, float(np.abs(points).max()) + 37 * step)

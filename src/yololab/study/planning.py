"""What so many seeds can see: the power of a study that is planned, from a spread that was measured or is stated."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from yololab.errors import YololabError
from yololab.statistics.blocks import fit_blocks
from yololab.statistics.power import detectable_difference, pairing, pooled_sd, seeds_needed
from yololab.statistics.spread_sources import Sources, sources_of
from yololab.study.judgement import percents
from yololab.study.records import sample_of_records
from yololab.study.rows import Row, group_rows

MOST_READ = 2000
"""Runs tell the spread between seeds to 2%; more of a larger study are not read for it"""
START = "init_seed"
CHANCE = 0.8
"""With which the difference is found"""


@dataclass(frozen=True)
class Spread:
    """Standard deviation of one run between seeds, in percent points of mAP, rows and seeds taken out."""

    sd: float
    source: str
    df: float = math.nan
    """Degrees of freedom behind it; nan where it was only stated"""
    gain: float = math.nan
    """How many times as many seeds an unpaired study would need; nan where that is not known"""
    sources: Sources | None = None
    """What it is made of, where that was measured"""


def spread_of(studies: Sequence[Path]) -> Spread | None:
    """Pooled over studies finished in part, at most MOST_READ runs of each; None where no two rows share two seeds."""
    values, sources = [], None
    for study in studies:
        try:
            rows = [row for row in group_rows(sample_of_records(study, MOST_READ)).rows if row.records]
        except YololabError:
            continue
        found = {str(index): percents(row) for index, row in enumerate(rows)}
        sources = _sources(rows) if len(studies) == 1 else None
        values += [found] if len(found) > 1 else []
    fits = [fit_blocks(found) for found in values]
    sd = pooled_sd(fits) if fits else math.nan
    if math.isnan(sd) or sd <= 0:
        return None
    runs = sum(len(seeds) for found in values for seeds in found.values())
    names = ", ".join(str(study) for study in studies)
    gain = pairing(values[0]).gain if len(values) == 1 else math.nan
    return Spread(sd, f"{runs} finished runs in {names}", float(sum(fit.df for fit in fits)), gain, sources)


def _sources(rows: Sequence[Row]) -> Sources | None:
    """Where the spread between runs comes from, in a study that crosses initial weights with seeds; else None."""
    if any(set(row.choices) != {START} for row in rows):
        return None
    return sources_of({row.label: percents(row) for row in rows})


def sources_line(found: Sources) -> str:
    """What contributes how much, in a sentence."""
    return (
        f"spread of a run, in mAP: initial weights {found.rows:.2f}, order of the data {found.seeds:.2f}, "
        f"what neither decides {found.rest:.2f}"
    )


def power_line(spread: Spread | None, rows: int, seeds: int, smallest_effect: float | None) -> str:
    """What a study of `rows` rows and `seeds` seeds can see, in a sentence."""
    shape = f"{rows} rows x {seeds} seed{'s' * (seeds > 1)}"
    if rows < 2:
        return f"power: {shape} compares nothing"
    if spread is None:
        return (
            f"power: unknown for {shape}, since no spread between seeds has been measured here; "
            "yololab power --sd SD says what one would mean"
        )
    least = detectable_difference(spread.sd, rows, seeds, CHANCE)
    seen = "no difference, however large" if math.isinf(least) else f"a difference of {least:.1f} mAP"
    line = (
        f"power: {shape} find {seen} with {CHANCE:.0%} chance (spread {spread.sd:.2f} of a run, from {spread.source})"
    )
    if not smallest_effect:
        return line
    needed = seeds_needed(smallest_effect, spread.sd, rows, CHANCE)
    enough = "more seeds than can be counted" if needed is None else f"{needed} seeds"
    return f"{line}; {smallest_effect:g} mAP needs {enough}"

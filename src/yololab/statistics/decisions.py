"""The word for a difference: better, worse, no difference larger than x, or cannot tell yet and what would.

Better and worse: the simultaneous 95% interval excludes 0. No difference larger than x: two one-sided tests at 5%
against -x and x (Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15, 1987), that is, the 90% interval lies
within (-x, x); it is the simultaneous one, so the claim holds for all rows at once. An interval that does both
says better or worse: the sign is known, and `small` tells that the size does not matter.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

from yololab.errors import ConfigError
from yololab.statistics.contrasts import Estimate
from yololab.statistics.power import seeds_needed


class Word(str, Enum):
    """What may be said about a difference."""

    BETTER = "better"
    WORSE = "worse"
    NO_DIFFERENCE = "no difference larger than"
    UNKNOWN = "cannot tell yet"


@dataclass(frozen=True)
class Plan:
    """The study that a difference comes from, and the smallest difference that matters (None: not said)."""

    rows: int
    seeds: int
    error_sd: float
    """Error of one run; nan where the study has no estimate"""
    smallest_effect: float | None = None
    higher_is_better: bool = True
    power: float = 0.8


@dataclass(frozen=True)
class Decision:
    """A word, the sentence to print, and the further seeds that would decide (None: decided, or not known)."""

    word: Word
    sentence: str
    small: bool
    """The whole 90% interval lies within the smallest effect that matters"""
    further_seeds: int | None = None


def decide(estimate: Estimate, plan: Plan) -> Decision:
    """Word for an estimate; an estimate without an interval is unknown."""
    smallest = plan.smallest_effect
    if smallest is not None and not smallest > 0:
        raise ConfigError(f"smallest effect: expected a number above 0 in the metric's units, got {smallest}")
    small = smallest is not None and -smallest < estimate.equivalence_low and estimate.equivalence_high < smallest
    if estimate.low > 0 or estimate.high < 0:
        word = Word.BETTER if (estimate.low > 0) == plan.higher_is_better else Word.WORSE
        return Decision(word, word.value, small)
    if small:
        return Decision(Word.NO_DIFFERENCE, f"{Word.NO_DIFFERENCE.value} {smallest:g}", small)
    further = _further_seeds(estimate, plan)
    if further is None:
        return Decision(Word.UNKNOWN, Word.UNKNOWN.value, small)
    sentence = f"{Word.UNKNOWN.value}: {further} further seed{'s' if further > 1 else ''} would"
    return Decision(Word.UNKNOWN, sentence, small, further)


def _further_seeds(estimate: Estimate, plan: Plan) -> int | None:
    """Seeds beyond the present that find the smallest effect, or where none is named the one seen, with the power."""
    target = plan.smallest_effect or abs(estimate.difference)
    if not plan.error_sd > 0 or not target > 0 or math.isnan(target):
        return None
    needed = seeds_needed(target, plan.error_sd, plan.rows, plan.power)
    return None if needed is None else max(1, needed - plan.seeds)

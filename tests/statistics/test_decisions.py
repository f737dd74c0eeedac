"""Words: each where its interval says so."""

import math

import pytest

from yololab.errors import ConfigError
from yololab.statistics.contrasts import Estimate
from yololab.statistics.decisions import Plan, Word, decide
from yololab.statistics.power import seeds_needed


def estimate(difference, half, narrow=None):
    narrow = half * 0.8 if narrow is None else narrow
    return Estimate(
        "row",
        difference,
        low=difference - half,
        high=difference + half,
        equivalence_low=difference - narrow,
        equivalence_high=difference + narrow,
    )


PLAN = Plan(rows=4, seeds=3, error_sd=1.0, smallest_effect=1.0)


def test_better_and_worse_follow_the_interval_and_the_direction():
    assert decide(estimate(2, 1), PLAN).word is Word.BETTER
    assert decide(estimate(-2, 1), PLAN).word is Word.WORSE
    lower = Plan(4, 3, 1.0, higher_is_better=False)
    assert decide(estimate(2, 1), lower).word is Word.WORSE


def test_no_difference_needs_the_narrow_interval_within_the_smallest_effect():
    found = decide(estimate(0.1, 1.0), PLAN)
    assert (found.word, found.sentence) == (Word.NO_DIFFERENCE, "no difference larger than 1")
    assert decide(estimate(0.1, 1.2), PLAN).word is Word.UNKNOWN


def test_a_sure_but_small_difference_says_so():
    found = decide(estimate(0.5, 0.4), PLAN)
    assert (found.word, found.small) == (Word.BETTER, True)


def test_unknown_says_how_many_further_seeds_would_tell():
    found = decide(estimate(0.5, 2.0), PLAN)
    needed = seeds_needed(1.0, 1.0, rows=4)
    assert found.further_seeds == needed - 3
    assert found.sentence == f"cannot tell yet: {needed - 3} further seeds would"


def test_without_a_smallest_effect_the_difference_seen_is_aimed_at():
    found = decide(estimate(2.0, 3.0), Plan(rows=4, seeds=3, error_sd=1.0))
    assert found.further_seeds == seeds_needed(2.0, 1.0, rows=4) - 3
    assert found.word is Word.UNKNOWN


def test_an_estimate_without_interval_is_unknown():
    found = decide(Estimate("row", 1.0), Plan(rows=2, seeds=1, error_sd=math.nan))
    assert (found.word, found.further_seeds, found.sentence) == (Word.UNKNOWN, None, "cannot tell yet")


def test_a_smallest_effect_of_nothing_is_refused():
    with pytest.raises(ConfigError, match="number above 0"):
        decide(estimate(1, 1), Plan(2, 3, 1.0, smallest_effect=0.0))

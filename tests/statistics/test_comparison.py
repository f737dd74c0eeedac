"""Which analysis is used, and that it says so."""

import numpy as np
import pytest

from yololab.errors import ConfigError
from yololab.statistics.comparison import compare_to_baseline
from yololab.statistics.contrasts import Contrast


def study(seeds=5, outlier=0.0):
    rng = np.random.default_rng(4)
    values = {f"r{row}": {seed: float(rng.normal()) for seed in range(seeds)} for row in range(4)}
    values["r2"][1] += outlier
    return values


def test_a_sound_study_pools_its_error():
    found = compare_to_baseline(study(), "r0")
    assert (found.method, found.reason) == ("block", "equal variances and outliers hold")
    assert [estimate.df for estimate in found.estimates] == [12.0] * 3


def test_an_outlier_leads_to_pairs_and_is_named():
    found = compare_to_baseline(study(outlier=20.0), "r0")
    assert found.method == "pairs"
    assert "row 'r2', seed 1" in found.reason
    assert [estimate.df for estimate in found.estimates] == [4] * 3


def test_the_method_can_be_asked_for():
    found = compare_to_baseline(study(outlier=20.0), "r0", method="block")
    assert (found.method, found.reason) == ("block", "asked for")


def test_two_seeds_say_what_could_not_be_checked():
    assert compare_to_baseline(study(seeds=2), "r0").reason == "outliers hold; too few seeds to check equal variances"


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(ConfigError, match="no row 'r9'"):
        compare_to_baseline(study(), "r9")
    with pytest.raises(ConfigError, match="did you mean 'pairs'"):
        compare_to_baseline(study(), "r0", method="pair")


def test_further_contrasts_widen_the_intervals_of_all():
    further = [Contrast("r2 - r1", {"r2": 1.0, "r1": -1.0})]
    alone, together = compare_to_baseline(study(), "r0"), compare_to_baseline(study(), "r0", further=further)
    assert [estimate.name for estimate in together.estimates] == ["r1", "r2", "r3", "r2 - r1"]
    assert together.estimates[0].difference == alone.estimates[0].difference
    assert together.estimates[0].high > alone.estimates[0].high
    assert together.estimates[3].difference == pytest.approx(
        together.estimates[1].difference - together.estimates[0].difference
    )

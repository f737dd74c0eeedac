"""Power: the noncentral t, its inversions, and what pairing saves."""

import math

import numpy as np
import pytest
from scipy import stats

from yololab.errors import ConfigError
from yololab.statistics.blocks import fit_blocks
from yololab.statistics.contrasts import differences_to, estimate_contrasts
from yololab.statistics.power import detectable_difference, pairing, pooled_sd, power, seeds_needed


def test_power_of_two_rows_is_that_of_the_noncentral_t():
    critical, shift = stats.t.isf(0.025, 4), 1.5 / math.sqrt(2 / 5)
    expected = stats.nct.sf(critical, 4, shift) + stats.nct.cdf(-critical, 4, shift)
    assert power(1.5, 1.0, rows=2, seeds=5) == pytest.approx(expected, abs=1e-6)


def test_power_is_what_simulated_studies_show():
    rng, found = np.random.default_rng(0), 0
    for _ in range(400):
        table = rng.normal(size=(4, 4))
        table[1] += 2.0
        fit = fit_blocks({f"r{row}": dict(enumerate(table[row].tolist())) for row in range(4)})
        found += estimate_contrasts(fit, differences_to(fit.rows, "r0"))[0].p_value < 0.05
    assert found / 400 == pytest.approx(power(2.0, 1.0, rows=4, seeds=4), abs=0.07)


def test_no_difference_is_found_as_often_as_alpha_at_most():
    assert power(0.0, 1.0, rows=2, seeds=6) == pytest.approx(0.05)
    assert power(0.0, 1.0, rows=9, seeds=6) < 0.05


@pytest.mark.parametrize("rows", [2, 12])
def test_detectable_difference_and_seeds_invert_power(rows):
    difference = detectable_difference(0.4, rows, seeds=5)
    assert power(difference, 0.4, rows, 5) == pytest.approx(0.8)
    assert seeds_needed(difference * 1.001, 0.4, rows) == 5
    assert seeds_needed(difference * 0.999, 0.4, rows) == 6


def test_one_seed_shows_nothing_and_a_speck_needs_too_many():
    assert math.isinf(detectable_difference(1.0, 3, seeds=1))
    assert seeds_needed(1e-6, 1.0, 3) is None


def test_errors_are_pooled_by_their_freedom():
    small = fit_blocks({"a": {0: 0.0, 1: 0.0}, "b": {0: 0.0, 1: 2.0}})  # squares 1, df 1
    large = fit_blocks({"a": {0: 0.0, 1: 0.0, 2: 0.0}, "b": {0: 0.0, 1: 0.0, 2: 0.0}})  # squares 0, df 2
    assert pooled_sd([small, large]) == pytest.approx(math.sqrt(1 / 3))
    assert math.isnan(pooled_sd([]))


def test_rows_that_move_together_over_seeds_gain_from_pairing():
    found = pairing({"a": {0: 0.0, 1: 2.0}, "b": {0: 1.0, 1: 3.0}})
    assert (found.correlation, found.paired_variance, found.unpaired_variance) == (1.0, 0.0, 4.0)
    assert math.isinf(found.gain)
    against = pairing({"a": {0: 0.0, 1: 2.0}, "b": {0: 3.0, 1: 1.0}})
    assert (against.correlation, against.gain) == (-1.0, 0.5)


def test_rows_without_shared_seeds_say_nothing_of_pairing():
    assert math.isnan(pairing({"a": {0: 1.0}, "b": {1: 1.0}}).correlation)


def test_a_plan_without_error_is_refused():
    with pytest.raises(ConfigError, match="sd > 0"):
        power(1.0, 0.0, 2, 3)

"""Where nothing differs 5 of 100 studies may say otherwise: in short here, at full size in the slow tests."""

import math

import pytest

from yololab.statistics.calibration import (
    CHANCES,
    ERRORS,
    LAYOUTS,
    Measured,
    main,
    measure_critical_value,
    measure_images,
    measure_looks,
    measure_seeds,
)


def within(share, studies, expected=0.05, margin=0.0, deviations=3.5):
    return abs(share - expected) <= margin + deviations * math.sqrt(0.05 * 0.95 / studies)


@pytest.mark.parametrize(("rows", "seeds"), [(2, 2), (4, 3), (12, 2)])
def test_a_few_studies_err_about_as_often_as_promised(rows, seeds):
    found = measure_seeds(rows, seeds, "normal", studies=250)
    assert within(found.rejected, 250)
    assert within(1 - found.covered, 250)


@pytest.mark.parametrize(("rows", "seeds"), [(2, 3), (12, 2)])
def test_twenty_thousand_studies_find_the_critical_value_right(rows, seeds):
    assert within(measure_critical_value(rows, seeds, "normal", studies=20_000).rejected, 20_000)


def test_a_few_studies_of_images_err_no_more_than_promised():
    assert measure_images(2, 3, "seeds and images", studies=60, replicates=60).rejected <= 0.15


def test_a_few_studies_with_looks_err_no_more_than_promised():
    assert measure_looks(2, 6, "normal", studies=250).rejected <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 250)


def test_the_command_prints_tables(capsys, monkeypatch):
    monkeypatch.setattr("sys.argv", ["calibration", "--studies", "1", "--nested", "1"])
    monkeypatch.setattr("yololab.statistics.calibration.LAYOUTS", LAYOUTS[:1])
    main()
    assert "| 2 rows, 2 seeds, log-normal | 1 |" in capsys.readouterr().out


def test_the_monte_carlo_error_is_that_of_a_share():
    assert Measured("", 1900, 0.05, 0.95).error == pytest.approx(0.005)


@pytest.mark.slow
@pytest.mark.parametrize("errors", ERRORS)
@pytest.mark.parametrize(("rows", "seeds"), LAYOUTS)
def test_pooled_studies_err_in_5_of_100_within_one(rows, seeds, errors):
    found = measure_seeds(rows, seeds, errors, studies=2000, method="block")
    assert within(found.rejected, 2000, margin=0.01, deviations=2)
    assert within(1 - found.covered, 2000, margin=0.01, deviations=2)


@pytest.mark.slow
@pytest.mark.parametrize("errors", ERRORS)
@pytest.mark.parametrize(("rows", "seeds"), LAYOUTS)
def test_checked_studies_err_in_no_more_than_6_of_100(rows, seeds, errors):
    found = measure_seeds(rows, seeds, errors, studies=2000)
    assert found.rejected <= 0.06 + 2 * found.error
    assert found.covered >= 0.94 - 2 * found.error


@pytest.mark.slow
@pytest.mark.parametrize("errors", ERRORS)
@pytest.mark.parametrize("rows", [2, 4])
def test_twenty_looks_err_in_no_more_than_5_of_100(rows, errors):
    found = measure_looks(rows, 20, errors, studies=2000)
    assert found.rejected <= 0.05 + 2 * found.error


@pytest.mark.slow
@pytest.mark.parametrize("chance", CHANCES)
@pytest.mark.parametrize(("rows", "seeds"), [(2, 3), (4, 3)])
def test_intervals_over_seeds_and_images_err_in_no_more_than_6_of_100(rows, seeds, chance):
    found = measure_images(rows, seeds, chance, studies=500)
    assert found.rejected <= 0.06 + 2 * found.error

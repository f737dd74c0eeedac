from __future__ import annotations

import pytest

from study.case import record
from yololab.study.planning import Spread, power_line, sources_line, spread_of


def write(folder, records):
    for one in records:
        path = folder / one.run_id
        path.mkdir(parents=True)
        one.write(path)
    return folder


def test_the_spread_is_the_error_between_seeds_with_rows_and_seeds_taken_out(tmp_path):
    # Differences of 5 and 3 points: s(difference) = sqrt 2, and a run's share of it is 1.
    scores = {"none": (0.50, 0.54), "cbam": (0.55, 0.57)}
    study = write(tmp_path / "s", [record(s, v, attention=a) for a, f in scores.items() for s, v in enumerate(f)])
    assert spread_of([study]).sd == pytest.approx(1.0)


def test_a_study_of_one_row_has_no_spread(tmp_path):
    assert spread_of([write(tmp_path / "s", [record(s, 0.5 + s / 10) for s in (0, 1)])]) is None
    assert spread_of([tmp_path / "nowhere"]) is None


def test_the_line_says_what_can_be_seen_what_an_effect_needs_and_what_is_not_known():
    line = power_line(Spread(0.5, "here"), rows=2, seeds=5, smallest_effect=1.0)
    assert "2 rows x 5 seeds find a difference of" in line
    assert "1 mAP needs" in line
    assert "no difference, however large" in power_line(Spread(0.5, "here"), 2, 1, None)
    assert "unknown for 2 rows x 3 seeds" in power_line(None, 2, 3, None)
    assert "compares nothing" in power_line(None, 1, 3, None)


def crossed(tmp_path, name, key):
    """Runs of two rows that differ in `key` alone, three seeds each."""
    scores = ((0.005, 0.025, 0.03), (0.035, 0.045, 0.07))
    rows = [(number, seed, score) for number, row in enumerate(scores) for seed, score in enumerate(row)]
    return write(tmp_path / name, [record(seed, score, science={key: number}) for number, seed, score in rows])


def test_the_sources_of_the_spread_are_told_where_weights_and_orders_are_crossed(tmp_path):
    line = sources_line(spread_of([crossed(tmp_path, "starts", "init_seed")]).sources)
    assert line == "spread of a run, in mAP: initial weights 2.08, order of the data 1.41, what neither decides 0.71"


def test_other_axes_are_no_sample_of_starts(tmp_path):
    assert spread_of([crossed(tmp_path, "other", "image_size")]).sources is None

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from study.case import record
from yololab.study.plots import _with_room, draw_cost, draw_curves, draw_differences, draw_scores, names_of
from yololab.study.table import Question, build_table

SCORES = {"none": (0.50, 0.51, 0.52), "eca": (0.60, 0.61, 0.63), "gam": (0.40, 0.41, 0.40)}


@pytest.fixture
def table():
    records = []
    for place, (name, scores) in enumerate(SCORES.items()):
        for seed, score in enumerate(scores):
            curve = [{"epoch": float(n), "val/mAP": score * (n + 1) / 2} for n in range(2)]
            one = record(seed, score, curve=curve, attention=name)
            one.complexity["gflops_train"] = 1.0 + place
            records.append(one)
    return build_table(records, Question(smallest_effect=2.0))


@pytest.fixture
def axes():
    return Figure().subplots()


def points(axes):
    return [
        tuple(map(float, (*line.get_xdata(), *line.get_ydata()))) for line in axes.lines if line.get_marker() == "o"
    ]


def test_every_seed_stands_on_the_line_of_its_row(table, axes):
    draw_scores(axes, table)
    assert points(axes)[0] == pytest.approx((50, 51, 52, 0, 0, 0))
    assert [label.get_text() for label in axes.get_yticklabels()] == names_of(table) == ["none  1", "eca  2", "gam  3"]


def test_differences_and_their_intervals_are_the_tables(table, axes):
    draw_differences(axes, table)
    one = table.results[1].difference.estimate
    assert points(axes)[0] == pytest.approx((one.difference, 1))
    ends = [tuple(map(float, line.get_xdata())) for line in axes.lines if len(set(line.get_ydata())) == 1]
    assert any(found == pytest.approx((one.low, one.high)) for found in ends if len(found) == 2)
    [shade] = axes.patches
    assert (shade.get_x(), shade.get_width()) == (-2.0, 4.0)


def test_rows_that_another_beats_are_not_on_the_line(table, axes):
    draw_cost(axes, table, "gflops_train")
    steps = next(line for line in axes.lines if line.get_linestyle() == "--")
    assert list(steps.get_xdata()) == [1.0, 2.0]
    assert [text.get_text() for text in axes.texts] == ["1", "2", "3"]


def test_curves_are_means_over_seeds_in_percent(table, axes):
    assert draw_curves(axes, table)
    assert list(axes.lines[0].get_ydata()) == pytest.approx([25.5, 51.0])
    assert not draw_curves(Figure().subplots(), build_table([record(0), record(1)]))


def test_numbers_that_would_hide_others_are_left_out_and_the_first_wanted_stays():
    axes = Figure(figsize=(4, 3)).subplots()
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    found = _with_room(axes, [(50, 50), (50.5, 50.5), (50, 80), (90, 50)])
    assert found.keys() == {0, 1, 2, 3}
    assert found[2] == found[3] == (5, 3)
    assert found[0] != found[1]
    crowd = [(50 + i / 20, 50) for i in range(9)]
    assert 2 <= len(_with_room(axes, crowd)) < len(crowd)

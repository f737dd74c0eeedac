from __future__ import annotations

import warnings

import cv2
import pytest

from study.case import record
from yololab.study.figure import draw_study
from yololab.study.plots import MOST_ROWS
from yololab.study.table import Question, build_table


def table(rows, seeds=2, name="a", **question):
    records = [
        record(seed, 0.5 + 0.001 * row + 0.002 * seed, attention=f"{name}{row}")
        for row in range(rows)
        for seed in range(seeds)
    ]
    return build_table(records, Question(**question))


@pytest.fixture(autouse=True)
def no_warnings():
    """Of matplotlib, which warns where a layout fails or a letter has no glyph."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_more_rows_make_a_higher_figure(tmp_path):
    heights = []
    for count in (2, 12):
        folder = tmp_path / str(count)
        folder.mkdir()
        png, svg, pdf = draw_study(table(count), folder)
        heights.append(cv2.imread(str(png)).shape[0])
        assert (png.name, svg.name, pdf.name) == ("figure.png", "figure.svg", "figure.pdf")
    assert heights[0] < heights[1]


@pytest.mark.parametrize(("rows", "seeds"), [(1, 1), (2, 1), (3, 3)])
def test_whatever_is_there_can_be_drawn(rows, seeds, tmp_path):
    assert len(draw_study(table(rows, seeds, smallest_effect=0.5), tmp_path)) == 3


def test_very_long_names_leave_room_for_the_drawing(tmp_path):
    draw_study(table(4, name="a very long name of a part, " * 6), tmp_path)


def test_very_many_rows_are_cut_and_it_says_so(tmp_path, monkeypatch):
    from matplotlib.figure import Figure

    said = []
    monkeypatch.setattr(Figure, "suptitle", lambda self, words, **_: said.append(words))
    draw_study(table(MOST_ROWS + 3, 1), tmp_path)
    assert said == ["s (3 further rows are not drawn)"]


def test_fonts_are_in_the_files_and_the_same_table_is_the_same_file(tmp_path):
    first = draw_study(table(2), tmp_path)
    before = [path.read_bytes() for path in first]
    assert b"/FontFile2" in before[2]  # TrueType, embedded
    assert b"font-family" not in before[1]  # outlines
    assert [path.read_bytes() for path in draw_study(table(2), tmp_path)] == before


def test_the_metric_that_is_compared_is_drawn(tmp_path):
    records = [record(s, 0.5 + s / 100, attention=a) for a in ("none", "cbam") for s in (0, 1)]
    drawn = build_table(records, Question(metrics=("mAP75",), compare="mAP50"))
    assert draw_study(drawn, tmp_path)[0].stat().st_size > 5000

from __future__ import annotations

import cv2

from study.case import record
from yololab.study.figure import draw_study
from yololab.study.table import Question, build_table


def test_more_rows_make_a_higher_figure(tmp_path):
    heights = []
    for count in (2, 12):
        folder = tmp_path / str(count)
        folder.mkdir()
        records = [record(seed, 0.5 + 0.01 * row, attention=f"a{row}") for row in range(count) for seed in (0, 1)]
        heights.append(cv2.imread(str(draw_study(build_table(records), folder))).shape[0])
    assert heights[0] < heights[1]


def test_one_run_alone_can_be_drawn(tmp_path):
    assert draw_study(build_table([record()]), tmp_path).name == "figure.png"


def test_the_metric_that_is_compared_is_drawn(tmp_path):
    records = [record(s, 0.5 + s / 100, attention=a) for a in ("none", "cbam") for s in (0, 1)]
    table = build_table(records, Question(metrics=("mAP75",), compare="mAP50"))
    assert draw_study(table, tmp_path).stat().st_size > 5000

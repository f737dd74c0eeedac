from __future__ import annotations

import pytest

from study.case import record
from yololab.errors import ConfigError
from yololab.study.layouts import crossed, tutorial
from yololab.study.table import build_table


def table():
    scores = {("none", "detect"): 0.5, ("none", "effide"): 0.52, ("cbam", "detect"): 0.55, ("cbam", "effide"): 0.6}
    return build_table(
        [
            record(s, v + s * (1 + len(a + h)) / 900, attention=a, head=h)
            for (a, h), v in scores.items()
            for s in (0, 1, 2)
        ]
    )


def test_factors_stand_against_factors():
    sheet = crossed(table(), ["attention"], ["head"], ["mAP"])
    assert sheet.headings == ("attention", "detect", "effide")
    assert [line.texts[0] for line in sheet.lines] == ["none", "cbam"]
    assert sheet.lines[1].texts[2].startswith("6")
    assert [len(line.run_ids) for line in sheet.lines] == [6, 6]
    assert sheet.lines[1].bold == {2}
    assert sheet.lines[0].values["detect mAP"] == pytest.approx(50 + 100 * 11 / 900)


def test_several_metrics_stand_beside_each_other():
    sheet = crossed(table(), ["head"], ["attention"], ["mAP", "mAP50"])
    assert sheet.headings == ("head", "none mAP", "none mAP50", "cbam mAP", "cbam mAP50")


@pytest.mark.parametrize(
    ("rows", "cols", "message"),
    [
        (["atention"], ["head"], "atention: no factor of this table; did you mean 'attention'.*attention, head"),
        (["head"], ["head"], "head stands in --rows and in --cols"),
        (["attention"], [], "share a cell; --rows or --cols lack one of head"),
    ],
)
def test_what_cannot_be_laid_out_says_why(rows, cols, message):
    with pytest.raises(ConfigError, match=message):
        crossed(table(), rows, cols, ["mAP"])


def test_the_tutorials_table_has_check_marks_and_its_six_numbers():
    sheet = tutorial(table())
    assert sheet.headings == ("cbam", "head=effide", "P", "R", "mAP50", "mAP50-95", "Params (M)", "GFLOPs")
    marks = [line.texts[:2] for line in sheet.lines]
    assert sorted(marks) == sorted([("×", "×"), ("×", "✓"), ("✓", "×"), ("✓", "✓")])
    assert sheet.lines[0].texts[4:6] == ("71.2", "51.2")
    assert "no spread" in sheet.notes[0]

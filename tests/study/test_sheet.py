from __future__ import annotations

import pytest

from study.case import record
from yololab.study.sheet import MOST_LISTED
from yololab.study.table import Question, build_table


def sheet(seeds=3, **question):
    scores = {"none": 0.5, "cbam": 0.6}
    records = [record(s, v + s * (1 + len(a)) / 900, attention=a) for a, v in scores.items() for s in range(seeds)]
    return build_table(records, Question(**question)).sheet()


def test_every_line_has_a_text_for_every_heading_and_the_runs_behind_it():
    found = sheet()
    assert {len(line.texts) for line in found.lines} == {len(found.headings)} == {len(found.numbers)}
    assert [len(line.run_ids) for line in found.lines] == [3, 3]
    assert all(run in found.run_notes[0] for line in found.lines for run in line.run_ids)


def test_a_large_study_does_not_list_its_runs_in_a_note():
    assert sheet(MOST_LISTED // 2).run_notes
    assert not sheet(MOST_LISTED // 2 + 1).run_notes


def test_the_best_of_every_metric_is_bold():
    found = sheet(metrics=("mAP", "mAP75"))
    assert [[found.headings[place] for place in sorted(line.bold)] for line in found.lines] == [
        ["mAP75"],
        ["mAP", "mAP75"],
    ]


def test_one_line_has_no_best():
    assert build_table([record(0, 0.5, attention="none")]).sheet().lines[0].bold == frozenset()


@pytest.mark.parametrize("metric", ["mAP", "mAP50", "AR100"])
def test_what_is_compared_is_shown_and_named(metric):
    found = sheet(compare=metric, metrics=("mAP75",))
    assert f"Δ {metric} (95% CI)" in found.headings
    assert metric in found.headings

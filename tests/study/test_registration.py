from __future__ import annotations

import json

import pytest

from study.case import record
from yololab.errors import YololabError
from yololab.study.registration import (
    PLAN_FILE,
    broken_entry,
    entries_of,
    note_look,
    read_registration,
    register,
)
from yololab.study.table import Question, build_table

CODE = {"commit": "abc", "dirty": None}
QUESTION = {
    "hypothesis": "CBAM helps",
    "primary": {"metric": "mAP", "contrast": {"attention": "cbam"}},
    "smallest_effect": 1.0,
    "baseline": None,
    "seeds": None,
    "most_seeds": None,
    "design": "full",
}


def runs(*seeds):
    return [{"id": f"r{seed:010x}", "seed": seed, "overrides": [f"seed={seed}"]} for seed in seeds]


def test_the_same_plan_again_adds_nothing(tmp_path):
    register(tmp_path, QUESTION, runs(0, 1), [], CODE)
    before = (tmp_path / PLAN_FILE).read_text()
    register(tmp_path, QUESTION, runs(0, 1), ["r0000000000"], CODE)
    register(tmp_path, QUESTION, runs(1), ["r0000000000"], CODE)
    assert (tmp_path / PLAN_FILE).read_text() == before
    register(tmp_path, QUESTION, runs(0, 1, 2), ["r0000000000"], CODE)
    assert [len(entry["runs"]) for entry in entries_of(tmp_path)] == [2, 3]
    assert broken_entry(entries_of(tmp_path)) is None


@pytest.mark.parametrize("change", ["question", "runs", "time", "begun"])
def test_whatever_is_changed_later_is_found(tmp_path, change):
    register(tmp_path, QUESTION, runs(0), [], CODE)
    register(tmp_path, QUESTION, runs(0, 1), ["r0000000000"], CODE)
    content = json.loads((tmp_path / PLAN_FILE).read_text())
    entry = content["entries"][0]
    entry[change] = {"question": {**QUESTION, "smallest_effect": 5}, "runs": [], "time": "2020", "begun": ["r1"]}[
        change
    ]
    (tmp_path / PLAN_FILE).write_text(json.dumps(content))
    assert broken_entry(entries_of(tmp_path)) == 1
    found = read_registration(tmp_path)
    assert not found.holds
    assert "entry 1 was changed after it was written" in found.remarks[0]


def test_what_was_named_before_the_first_run_is_confirmatory(tmp_path):
    register(tmp_path, QUESTION, runs(0, 1), [], CODE)
    found = read_registration(tmp_path)
    assert (found.holds, found.metric, found.contrast) == (True, "mAP", {"attention": "cbam"})
    assert "hypothesis: CBAM helps; primary: mAP of attention=cbam; smallest effect that matters: 1" in found.notes[0]
    assert read_registration(tmp_path / "none") is None


def test_what_was_named_later_is_exploratory_and_said_so(tmp_path):
    register(tmp_path, {**QUESTION, "primary": None}, runs(0, 1), [], CODE)
    register(tmp_path, QUESTION, runs(0, 1), ["r0000000000"], CODE)
    found = read_registration(tmp_path)
    assert not found.holds
    assert any("after 1 runs had begun: exploratory" in remark for remark in found.remarks)
    assert any("study.primary changed" in remark for remark in found.remarks)


def test_what_is_corrected_before_any_run_counts_as_corrected(tmp_path):
    register(tmp_path, {**QUESTION, "primary": {"metric": "mAP", "contrast": {"attention": "CBAM"}}}, runs(0), [], CODE)
    register(tmp_path, QUESTION, runs(0), [], CODE)
    found = read_registration(tmp_path)
    assert (found.holds, found.contrast) == (True, {"attention": "cbam"})


def test_a_plan_that_cannot_be_read_is_not_overwritten(tmp_path):
    (tmp_path / PLAN_FILE).write_text('{"entries": [')
    with pytest.raises(YololabError, match="cannot be read, and would be lost"):
        register(tmp_path, QUESTION, runs(0), [], CODE)


@pytest.mark.parametrize(
    ("question", "changes", "message"),
    [
        ({"primary": {"metric": "mAP", "contrast": {"attention": "CBAM"}}}, {}, "no row has the registered contrast"),
        ({"baseline": {"attention": "none"}}, {"baseline": {"attention": "eca"}}, "not the one that was registered"),
        ({}, {"compare": "mAP50"}, "the primary metric is mAP"),
    ],
)
def test_a_table_that_is_not_what_was_registered_confirms_nothing_and_says_so(tmp_path, question, changes, message):
    register(tmp_path, {**QUESTION, **question}, runs(0, 1), [], CODE)
    records = [
        record(s, 0.5 + i / 10 + s * (i + 1) / 100, attention=a)
        for i, a in enumerate(("none", "cbam", "eca"))
        for s in (0, 1)
    ]
    table = build_table(records, Question(**changes), registration=read_registration(tmp_path))
    assert "kind" not in table.sheet().headings
    assert any(message in warning for warning in table.warnings)


def test_seeds_that_were_added_after_a_look_are_told(tmp_path):
    register(tmp_path, QUESTION, runs(0, 1), [], CODE)
    note_look(tmp_path, 4)
    register(tmp_path, QUESTION, runs(0, 1, 2), ["r0000000000"], CODE)
    (remark,) = read_registration(tmp_path).remarks
    assert "seed 2 was added" in remark
    assert "after a table of 4 runs had been printed" in remark
    other = tmp_path / "auto"
    register(other, {**QUESTION, "seeds": "auto"}, runs(0, 1), [], CODE)
    note_look(other, 4)
    register(other, {**QUESTION, "seeds": "auto"}, runs(0, 1, 2), ["r0000000000"], CODE)
    assert read_registration(other).remarks == ()


def test_a_table_tells_confirmatory_from_exploratory_rows(tmp_path):
    register(tmp_path, QUESTION, runs(0, 1), [], CODE)
    records = [
        record(s, 0.5 + i / 10 + s * (i + 1) / 100, attention=a)
        for i, a in enumerate(("none", "cbam", "eca"))
        for s in (0, 1, 2)
    ]
    sheet = build_table(records, registration=read_registration(tmp_path)).sheet()
    place = sheet.headings.index("kind")
    found = {line.texts[0]: line.texts[place] for line in sheet.lines}
    assert found == {"none": "", "cbam": "confirmatory", "eca": "exploratory"}
    assert any("plan.json, sha256" in note for note in sheet.notes)
    assert "kind" not in build_table(records).sheet().headings

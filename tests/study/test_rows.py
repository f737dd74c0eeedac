"""Rows never hide what differs: confounds, other data, other code, runs that must enter no number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from study.case import record
from yololab.errors import YololabError
from yololab.study.rows import group_rows
from yololab.study.table import Question, build_table
from yololab.study.usable import why_left_out


def choices(grouping):
    return [dict(row.choices) for row in grouping.rows]


def test_seeds_make_one_row_and_the_plainest_comes_first():
    rows = group_rows([record(seed, 0.5, attention=a) for a in ("cbam", "none") for seed in (1, 0)]).rows
    assert [row.label for row in rows] == ["attention=none", "attention=cbam"]
    assert [list(row.records) for row in rows] == [[0, 1], [0, 1]]


def test_what_differs_because_of_a_choice_is_told_by_the_choice():
    grouping = group_rows(
        [
            record(0, 0.5, science={"recipe": {"lr": 0.1}}, recipe="tiny"),
            record(0, 0.6, science={"recipe": {"lr": 0.2}}, recipe="yolov8"),
        ]
    )
    assert choices(grouping) == [{"recipe": "tiny"}, {"recipe": "yolov8"}]
    assert grouping.folded == {"recipe": ("recipe.lr",)}
    assert grouping.bound == {}


def test_a_preset_tells_the_choices_that_its_yaml_makes():
    presets = [("yolov8", "detect", "tal"), ("yolov6", "effide", "simota")]
    grouping = group_rows([record(0, 0.5, model=m, head=h, assigner=a) for m, h, a in presets])
    assert grouping.columns == ("model",)
    assert grouping.folded == {"model": ("assigner", "head")}


def test_a_preset_tells_what_the_choices_of_its_yaml_bring_with_them():
    """The measured fault: model=yolo11,yolo26 had six columns for what their heads set."""
    brought = {"loss": {"gains": {"distances": 1.5}}, "recipe": {"evaluation": {"nms": "none"}}}
    chosen = {"model": "yolo26", "head": "one_to_one_direct"}
    records = [
        *(record(seed, model="yolo11", head="detect_light", science={"loss": {"gains": {"distribution": 1.5}}})
          for seed in (0, 1)),
        *(record(seed, science=brought, **chosen) for seed in (0, 1)),
    ]  # fmt: skip
    grouping = group_rows(records)
    assert grouping.columns == ("model",)
    assert set(grouping.folded["model"]) == {
        "head", "loss.gains.distances", "loss.gains.distribution", "recipe.evaluation.nms"
    }  # fmt: skip


def test_what_somebody_typed_is_never_said_to_come_with_a_choice():
    """The measured fault: model=yolov8 loss.gains.box=3 beside yolo11 was "model" alone."""
    gains = {"distribution": 1.5}
    records = [
        record(0, model="yolo11", head="detect_light", science={"loss": {"gains": {**gains, "box": 7.5}}}),
        replace(
            record(0, model="yolov8", head="detect", science={"loss": {"gains": {**gains, "box": 3.0}}}),
            overrides=["model=yolov8", "loss.gains.box=3.0"],
        ),
    ]
    assert group_rows(records).columns == ("model", "loss.gains.box")


def test_a_setting_that_is_null_is_plain():
    """The measured fault: the baseline of levels=null,[2,3,4,5] was the network with a level more."""
    science = [{"levels": [2, 3, 4, 5]}, {}]
    records = [record(0, attention=a, science=s) for a in ("none", "cbam") for s in science]
    for place, one in enumerate(records):
        one.complexity["fingerprint"] = f"f{place}"
    assert choices(group_rows(records))[0] == {"attention": "none", "levels": "null"}


def test_a_choice_does_not_tell_what_its_yaml_does_not_set():
    """The measured fault: cbam with another learning rate and ten times the epochs, "+5.3 ± 0.7" without a word."""
    settings = {"none": {"lr": 0.01, "epochs": 30}, "cbam": {"lr": 0.05, "epochs": 300}}
    records = [record(s, 0.5, science={"recipe": r}, attention=a) for a, r in settings.items() for s in (0, 1)]
    assert group_rows(records).columns == ("attention", "recipe.epochs", "recipe.lr")
    table = build_table(records)
    told = "not only attention differs between rows: recipe.lr, recipe.epochs never changes without it"
    assert told in table.warnings
    with pytest.raises(YololabError, match=f"--strict: {told}"):
        build_table(records, Question(strict=True))


def test_a_crossed_study_has_no_confounds():
    crossed = [
        record(s, 0.5, attention=a, loss=loss) for a in ("none", "eca") for loss in ("ciou", "siou") for s in (0, 1)
    ]
    assert group_rows(crossed).bound == {}
    assert build_table(crossed, Question(strict=True)).warnings == []


def test_a_key_that_differs_between_equal_choices_sets_rows_apart():
    records = [record(0, 0.5, science={"recipe": {"lr": lr, "momentum": 0.9}}, attention="none") for lr in (0.01, 0.02)]
    assert choices(group_rows(records)) == [{"recipe.lr": "0.01"}, {"recipe.lr": "0.02"}]


def test_two_states_of_the_code_never_overwrite_each_other():
    """The measured fault: of the same three records, 58.0 ± 0.0 or 54.0 ± 5.7, whichever folder came last."""
    records = [record(0, 0.50, commit="a" * 40), record(0, 0.58, commit="b" * 40), record(1, 0.58, commit="b" * 40)]
    for order in (records, records[::-1]):
        rows = group_rows(order).rows
        assert {row.label: row.values("mAP") for row in rows} == {
            "code=aaaaaaaaaa": {0: 0.5},
            "code=bbbbbbbbbb": {0: 0.58, 1: 0.58},
        }


def test_two_data_sets_are_two_rows_and_other_validation_images_are_not_compared():
    records = [record(s, 0.5 + d / 10, data=f"t-v{d}") for d in (0, 1) for s in (0, 1)]
    grouping = group_rows(records)
    assert grouping.columns == ("data fingerprint",)
    table = build_table(records)
    assert table.results[1].difference is None
    assert any("different data" in warning for warning in table.warnings)


def test_a_record_that_nothing_tells_from_another_is_left_out_by_name():
    first, second = record(0, 0.5), replace(record(0, 0.6), run_id="rffffffffff")
    grouping = group_rows([first, second])
    assert [out.record.run_id for out in grouping.dropped] == ["rffffffffff"]
    assert "rffffffffff was left out" in " ".join(build_table([first, second]).warnings)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"pruned": {"epochs": 3, "by": "asha"}}, "pruned after 3 epochs"),
        ({"metrics": {"mAP": float("nan")}}, "no mAP: nothing to measure"),
        ({"metrics": {"mAP": -1.0}}, "no mAP: nothing to measure"),
        ({"curve": [{"epoch": 0.0, "train/loss": float("inf")}]}, "diverged"),
    ],
)
def test_runs_that_must_enter_no_number_are_shown_as_what_they_are(changes, reason):
    bad = replace(record(2, 0.9, attention="cbam"), **changes)
    assert why_left_out(bad) == reason
    good = [record(s, 0.5 + s / 10, attention=a) for a in ("none", "cbam") for s in (0, 1)]
    with_bad, without = build_table([*good, bad]), build_table(good)
    assert with_bad.results[1].summaries == without.results[1].summaries
    assert with_bad.results[1].difference == without.results[1].difference
    assert any(f"seed 2 ({bad.run_id}): {reason}, so it enters no number" in w for w in with_bad.warnings)


def test_the_environment_is_compared_by_name():
    first = replace(record(0, 0.5, attention="none"), libraries={"torch": "2.6.0"}, machine={"threads": 1})
    other = replace(record(0, 0.5, attention="cbam"), libraries={"torch": "2.7.1"}, machine={"threads": 4})
    text = " ".join(build_table([first, other]).warnings)
    assert "torch is 2.6.0 (1 run), 2.7.1 (1 run)" in text
    assert "threads is 1 (1 run), 4 (1 run)" in text

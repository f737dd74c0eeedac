from __future__ import annotations

import pytest

from study.case import record
from yololab.study.controls import find_controls
from yololab.study.kinds import kind_of
from yololab.study.rows import group_rows
from yololab.study.table import build_table

SCORES = {
    ("none", False, None): 0.50,
    ("cbam", False, None): 0.56,
    ("cbam", True, None): 0.55,
    ("cbam", "random_gate", None): 0.51,
    ("cbam", False, "gflops"): 0.54,
    ("eca", False, None): 0.52,
}


def records(scores=SCORES):
    found = []
    for i, ((attention, placebo, match), score) in enumerate(scores.items()):
        for seed in (0, 1, 2):
            science = {
                "attention": {"_target_": attention},
                "insert_pos": {"placebo": placebo},
                "match": match,
                "match_form": "deploy",
            }
            one = record(seed, score + seed / 100 + ((3 * seed + i) % 4) / 1000, science=science, attention=attention)
            one.complexity["fingerprint"] = f"{attention} {placebo} {match}"
            found.append(one)
    return found


def test_controls_find_the_row_that_they_control():
    rows = group_rows(records()).rows
    found = [
        (rows[c.attended].choices["attention"], kind_of(rows[c.control].first), c.kind) for c in find_controls(rows)
    ]
    kinds = ["placebo", "random gate", "widened baseline"]
    assert sorted(found) == [("cbam", kind, kind) for kind in kinds]


def test_another_place_or_head_is_no_control():
    two = {key: score for key, score in SCORES.items() if key[0] == "cbam" and key[1] in (True, False)}
    found = records(two)
    for one in found:
        one.science["recipe"] = {"lr": 0.1 if one.science["insert_pos"]["placebo"] else 0.2}
    assert [c for c in find_controls(group_rows(found).rows) if c.kind == "placebo"] == []


def test_a_tracker_or_a_label_makes_no_difference():
    found = records()
    for one in found:
        other = "wandb" if one.science["insert_pos"]["placebo"] else "none"
        one.choices.update(tracker=other, experiment="mine" if other == "wandb" else "null")
    assert len(find_controls(group_rows(found).rows)) == 3


def test_attention_minus_control_stands_in_the_table_under_the_same_error_control():
    table = build_table(records())
    assert len(table.results) == 6
    by_kind = {result.control: result for result in table.controls}
    assert by_kind.keys() == {"placebo", "random gate", "widened baseline"}
    assert by_kind["placebo"].difference.estimate.difference == pytest.approx(1.0, abs=0.2)
    alone = build_table([one for one in records() if one.science["insert_pos"]["placebo"] is False])
    widths = []
    for found in (table, alone):
        (eca,) = (r for r in found.results if r.row.choices["attention"] == "eca")
        widths.append(eca.difference.estimate.high - eca.difference.estimate.low)
    assert widths[0] != widths[1]
    line = next(line for line in table.sheet().lines if line.texts[0] == "cbam - its placebo")
    assert line.run_ids == ()
    assert "and their controls" in " ".join(table.notes)

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coco_case import coco_case
from study.case import record
from yololab.run.detections import MATCHES_FILE
from yololab.statistics.matcher import match_detections
from yololab.study.judgement import judge, summarise
from yololab.study.rows import group_rows
from yololab.study.table import build_table


def test_a_summary_is_in_percent_and_one_value_has_no_spread():
    assert summarise([0.5, 0.54]).mean == pytest.approx(52)
    assert np.isnan(summarise([0.5]).std)
    assert summarise([]).count == 0


def study(folder, shifts):
    """Runs with their matches on one set of images; a larger shift finds less."""
    records = []
    for index, (attention, shift) in enumerate(shifts.items()):
        for seed in range(3):
            truth, found = coco_case(seed=0, shift=shift)
            found[:, 1:3] += np.random.default_rng(10 * index + seed).normal(0, 0.5, (len(found), 2))
            score = 0.5 - shift / 100 + (3 * seed + 5 * index) % 4 / 1000
            one = replace(record(seed, score, attention=attention), images={"train": 1, "val": len(truth["images"])})
            (folder / one.run_id).mkdir()
            match_detections(truth, found).save(folder / one.run_id / MATCHES_FILE)
            records.append(one)
    return records


def test_intervals_cover_images_too_where_matches_were_kept(tmp_path):
    rows = group_rows(study(tmp_path, {"none": 4.0, "cbam": 5.0})).rows
    both, seeds = judge(rows, None, tmp_path), judge(rows, None, None)
    assert (both.covers, seeds.covers) == ("seeds and images", "seeds")
    assert both.differences[1].image_variance > 0
    next(tmp_path.rglob(MATCHES_FILE)).unlink()
    assert judge(rows, None, tmp_path).covers == "seeds"


def test_the_best_and_what_is_not_told_from_it():
    scores = {"none": 0.5, "eca": 0.501, "cbam": 0.6}
    rows = group_rows(
        [
            record(s, v + s / 100 + ((s * 3 + i) % 4) / 1000, attention=a)
            for i, (a, v) in enumerate(scores.items())
            for s in (0, 1, 2)
        ]
    ).rows
    labels = [row.choices["attention"] for row in rows]
    assert {labels[place] for place in judge(rows, None, None).best} == {"cbam"}
    close = [row for row in rows if row.choices["attention"] != "cbam"]
    assert judge(close, None, None).best == {0, 1}


def test_a_primary_row_is_a_family_of_its_own():
    rows = group_rows(
        [
            record(s, 0.5 + i / 100 + ((s * 3 + i) % 4) / 500, attention=a)
            for i, a in enumerate(("none", "ca", "cbam", "eca", "gam"))
            for s in (0, 1, 2)
        ]
    ).rows
    together, apart = judge(rows, None, None), judge(rows, None, None, primary=frozenset({2}))
    widths = [j.differences[2].estimate.high - j.differences[2].estimate.low for j in (together, apart)]
    assert widths[1] < widths[0]
    assert apart.differences[2].estimate.p_value == apart.differences[2].estimate.p_individual
    others = [j.differences[1].estimate.high - j.differences[1].estimate.low for j in (together, apart)]
    assert others[1] < others[0]  # three rows left of four


def test_another_metric_is_judged_by_its_own_images(tmp_path):
    rows = group_rows(study(tmp_path, {"none": 4.0, "cbam": 5.0})).rows
    assert judge(rows, None, tmp_path, "mAP50").covers == "seeds and images"
    assert judge(rows, None, tmp_path, "AR100").covers == "seeds"


def test_a_row_that_fails_a_check_is_named():
    scores = {"none": (0.50, 0.51, 0.50, 0.51), "eca": (0.50, 0.51, 0.50, 0.10), "gam": (0.51, 0.50, 0.51, 0.50)}
    records = [record(seed, value, attention=name) for name, row in scores.items() for seed, value in enumerate(row)]
    (note,) = [text for text in build_table(records).notes if text.startswith("Judged")]
    assert "since the check of outliers fails: row attention=eca, seed 3 lies farthest" in note

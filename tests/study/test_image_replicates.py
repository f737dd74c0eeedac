from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coco_case import coco_case
from study.case import record
from yololab.run.detections import MATCHES_FILE
from yololab.statistics.bootstrap import replicate_metrics
from yololab.statistics.matcher import match_detections
from yololab.study.image_replicates import replicates_of
from yololab.study.rows import group_rows

CLASSES = {name: {"AP": 0.5} for name in ("disc", "bar", "star", "cross", "none")}


@pytest.fixture
def rows(tmp_path):
    truth, found = coco_case()
    records = []
    for attention in ("none", "cbam"):
        for seed in (0, 1):
            one = record(seed, 0.5 + seed / 100, attention=attention)
            images = {"train": 1, "val": len(truth["images"])}
            one = replace(one, images=images, per_class=dict(sorted(CLASSES.items())), classes=list(CLASSES))
            (tmp_path / one.run_id).mkdir()
            match_detections(truth, found).save(tmp_path / one.run_id / MATCHES_FILE)
            records.append(one)
    return group_rows(records).rows


def values(rows, metric):
    return {str(i): row.values(metric) for i, row in enumerate(rows)}


@pytest.mark.parametrize("metric", ["mAP", "mAP75", "mAP_small", "AP/bar"])
def test_metrics_of_all_sizes_and_of_a_class_are_resampled(rows, tmp_path, metric):
    found, images = replicates_of(rows, values(rows, "mAP"), metric, tmp_path)
    assert images == 40
    assert found.keys() == {"0", "1"}
    assert 0 < found["0"][0].value < 100
    assert found["0"][0].replicates.std() > 0


def test_a_class_is_found_by_its_place(rows, tmp_path):
    by_class = {name: replicates_of(rows, values(rows, "mAP"), f"AP/{name}", tmp_path)[0]["0"][0].value
                for name in list(CLASSES)[:4]}  # fmt: skip
    whole = replicates_of(rows, values(rows, "mAP"), "mAP", tmp_path)[0]["0"][0].value
    assert sum(by_class.values()) / 4 == pytest.approx(whole)


def test_the_order_of_classes_is_that_of_their_labels_and_not_json_s(rows, tmp_path):
    """results.json is written with sorted keys: the first class of the data is not the first by name."""
    first = replicates_of(rows, values(rows, "mAP"), "AP/disc", tmp_path)[0]["0"][0].value
    matches = replicate_metrics(match_detections(*coco_case()), np.ones((1, 40)))
    assert first == pytest.approx(100 * matches.of("AP/1")[0])
    unknown = [replace(r, records={s: replace(one, classes=[]) for s, one in r.records.items()}) for r in rows]
    assert replicates_of(unknown, values(rows, "mAP"), "AP/disc", tmp_path) is None


def test_without_matches_or_for_other_metrics_there_are_none(rows, tmp_path):
    assert replicates_of(rows, values(rows, "mAP"), "AR100", tmp_path) is None
    assert replicates_of(rows, values(rows, "mAP"), "AP/dog", tmp_path) is None
    assert replicates_of(rows, values(rows, "mAP"), "mAP", None) is None
    next(tmp_path.rglob(MATCHES_FILE)).unlink()
    assert replicates_of(rows, values(rows, "mAP"), "mAP", tmp_path) is None

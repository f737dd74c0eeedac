from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from study.case import record
from yololab.report.changed import errors_by_image, most_changed
from yololab.run.detections import MATCHES_FILE
from yololab.statistics.matcher import match_detections
from yololab.study.rows import group_rows

BOX = [5.0, 5.0, 20.0, 20.0]
FAR = [40.0, 40.0, 9.0, 9.0]


def matches(found, images=3):
    """A disc on each image; `found`: image, box, score of detections."""
    truth = {
        "info": {},
        "images": [{"id": 10 * n, "width": 64, "height": 64, "file_name": str(n)} for n in range(1, images + 1)],
        "annotations": [
            {"id": n, "image_id": 10 * n, "category_id": 1, "bbox": BOX, "area": 400.0, "iscrowd": 0}
            for n in range(1, images + 1)
        ],
        "categories": [{"id": 1, "name": "disc"}],
    }
    rows = [[10 * image, *box, score, 1] for image, box, score in found]
    return match_detections(truth, np.array(rows, dtype=float).reshape(-1, 7))


def test_errors_are_wrong_detections_and_labels_not_found():
    found = matches([(1, BOX, 0.9), (2, BOX, 0.9), (2, FAR, 0.8), (2, FAR, 0.1), (3, BOX, 0.2)])
    assert errors_by_image(found).tolist() == [0, 1, 1]  # of the third, the only detection is below the score
    assert errors_by_image(replace(found, score=None)) is None


@pytest.fixture
def study(tmp_path):
    """Two rows, two seeds: the second row misses the disc of image 2 and invents two on image 3."""
    good = [(n, BOX, 0.9) for n in (1, 2, 3)]
    bad = [(1, BOX, 0.9), (3, BOX, 0.9), (3, FAR, 0.9), (3, [20.0, 40.0, 9.0, 9.0], 0.8)]
    records = [record(seed, 0.5, attention=name) for name in ("none", "eca") for seed in (0, 1)]
    for one in records:
        (tmp_path / one.run_id).mkdir()
        with (tmp_path / one.run_id / MATCHES_FILE).open("wb") as stream:
            matches(good if one.choices["attention"] == "none" else bad).save(stream)
    return tmp_path, group_rows(records).rows, records


def test_the_largest_change_comes_first_and_what_did_not_change_is_left_out(study):
    folder, (before, after), _ = study
    found = most_changed(folder, before, after, 5)
    assert [(one.image, one.before, one.after) for one in found] == [(2, 0, 2), (1, 0, 1)]
    assert [one.size for one in most_changed(folder, after, before, 1)] == [-2]


def test_damaged_or_missing_matches_are_no_changes(study):
    folder, (before, after), records = study
    (folder / records[0].run_id / MATCHES_FILE).write_bytes(b"no")
    assert most_changed(folder, before, after, 5) == []
    for one in records[:2]:
        (folder / one.run_id / MATCHES_FILE).unlink()
    assert most_changed(folder, before, after, 5) == []

"""Matches read from an evaluator, and kept in a file."""

from dataclasses import fields

import numpy as np
import pytest

from coco_case import coco_case, evaluated
from yololab.statistics.matches import Matches, matches_of_evaluator


def test_a_class_lists_its_detections_by_score():
    truth = {
        "images": [{"id": 7, "width": 9, "height": 9}, {"id": 8, "width": 9, "height": 9}],
        "annotations": [
            {"id": 1, "image_id": 8, "category_id": 2, "bbox": [0, 0, 4, 4], "area": 16, "iscrowd": 0},
        ],
        "categories": [{"id": 2, "name": "a"}],
    }
    rows = [[7, 0, 0, 4, 4, 0.5, 2], [8, 0, 0, 4, 4, 0.5, 2], [8, 0, 0, 4, 4, 0.9, 2]]
    found = matches_of_evaluator(evaluated(truth, np.array(rows)))
    assert found.image.tolist() == [1, 0, 1]  # 0.9 first, then the tie in the order of images
    assert found.matched[0, :, 0].all()
    assert not found.matched[0, :, 1:].any()
    assert found.truth_image.tolist() == [0, 1]
    assert found.truth_counts.tolist() == [[0, 1], [0, 1], [0, 0], [0, 0]]  # 16 square pixels: all and small


def test_a_file_gives_back_what_was_kept(tmp_path):
    kept = matches_of_evaluator(evaluated(*coco_case()))
    kept.save(tmp_path / "matches.npz")
    loaded = Matches.load(tmp_path / "matches.npz")
    for field in fields(Matches):
        assert np.array_equal(getattr(kept, field.name), getattr(loaded, field.name)), field.name


@pytest.mark.parametrize("field", ["matched", "ignored"])
def test_the_case_has_what_makes_matching_hard(field):
    kept = matches_of_evaluator(evaluated(*coco_case()))
    assert getattr(kept, field).any(axis=(1, 2)).all()
    assert (kept.matched & kept.ignored)[0].any()  # a crowd was matched

from __future__ import annotations

import json

import numpy as np
import pytest

from yololab.errors import YololabError
from yololab.metrics.coco_eval import evaluate
from yololab.metrics.coco_metric import Evaluation
from yololab.run.diagnosis import DIAGNOSIS_FILE, KINDS, diagnose, read_diagnosis

CLASSES = ("disc", "bar")
BOX = [5.0, 5.0, 20.0, 20.0]
LABELS = [(1, 1, BOX), (2, 2, BOX)]
"""Image, category, box: a disc on the first image, a bar on the second"""
CASES = {
    "Cls": ([(1, 2, BOX), (2, 2, BOX)], (0, 1)),
    "Loc": ([(1, 1, [15.0, 5.0, 20.0, 20.0]), (2, 2, BOX)], (2, 0)),
    "Dupe": ([(1, 1, BOX), (1, 1, BOX), (2, 2, BOX)], (2, 0)),
    "Bkg": ([(1, 1, BOX), (1, 2, [40.0, 40.0, 9.0, 9.0]), (2, 2, BOX)], (2, 1)),
    "Miss": ([(2, 2, BOX)], (0, 2)),
}


def evaluation(found, labels=LABELS):
    truth = {
        "info": {},
        "images": [{"id": number, "width": 64, "height": 64, "file_name": str(number)} for number in (1, 2)],
        "annotations": [
            {"id": place, "image_id": image, "category_id": category, "bbox": box, "area": 400.0, "iscrowd": 0}
            for place, (image, category, box) in enumerate(labels, 1)
        ],
        "categories": [{"id": place, "name": name} for place, name in enumerate(CLASSES, 1)],
    }
    scores = [0.9 - 0.1 * place for place in range(len(found))]
    rows = np.array([[image, *box, score, category] for (image, category, box), score in zip(found, scores)]).reshape(
        -1, 7
    )
    return Evaluation(evaluate(truth, rows), truth, rows)


@pytest.mark.parametrize("kind", CASES)
def test_each_kind_of_error_is_counted_as_what_it_is(kind, tmp_path):
    found, place = CASES[kind]
    diagnosis = diagnose(evaluation(found), CLASSES)
    assert {name: count for name, count in diagnosis.counts.items() if count} == {kind: 1}
    assert diagnosis.confusion[place] == 1
    diagnosis.write(tmp_path)
    again = read_diagnosis(tmp_path)
    assert again is not None
    np.testing.assert_array_equal(again.confusion, diagnosis.confusion)
    assert (again.costs, again.counts, again.classes) == (diagnosis.costs, diagnosis.counts, CLASSES)


def test_what_a_missed_object_costs_is_what_ap50_would_gain():
    both = [(1, 1, BOX), (2, 1, BOX)]
    one_missed = diagnose(evaluation(both[:1], both), CLASSES)
    assert one_missed.costs["Miss"] == pytest.approx(1 - 51 / 101)  # precision at 101 recalls, 51 of them up to a half
    nothing = diagnose(evaluation([]), CLASSES)
    assert nothing.counts["Miss"] == 2
    assert nothing.confusion[:2, 2].tolist() == [1, 1]


def test_no_file_is_nothing_and_a_damaged_one_is_named(tmp_path):
    assert read_diagnosis(tmp_path) is None
    good = {"classes": ["a"], "confusion": [], "errors": {kind: {"ap50": 0.0, "count": 0} for kind in KINDS}}
    for bad in ({}, {**good, "confusion": [[5, 0, 1]]}, {**good, "confusion": [[0, 0, -1]]}, {**good, "errors": {}}, 3):
        (tmp_path / DIAGNOSIS_FILE).write_text(json.dumps(bad))
        with pytest.raises(YololabError, match="no readable diagnosis"):
            read_diagnosis(tmp_path)

"""Counts that a person can check by hand."""

from __future__ import annotations

import json

import numpy as np

from yololab.data.detection_data import DetectionData, ImageRecord
from yololab.data.problems import ProblemLog
from yololab.survey.measures import FEW, GRID, MOST_OBJECTS, RATIOS, SIDES, measure_data

CLASSES = ("cat", "dog")


def image(boxes, labels, crowd=None, size=(200, 100)):
    boxes = np.array(boxes, float).reshape(-1, 4)
    crowd = np.array(crowd or [False] * len(labels), bool)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return ImageRecord(0, "a", None, *size, boxes, np.array(labels, int), crowd, areas)


def data(*records, classes=CLASSES):
    return DetectionData(classes, records, ProblemLog())


def test_objects_sizes_shapes_and_places():
    train = data(
        image([[0, 0, 20, 10], [100, 50, 200, 100]], [0, 1]),
        image([], []),
        image([[0, 0, 10, 10], [0, 0, 50, 50]], [0, 0], crowd=[False, True]),
    )
    found = measure_data({"train": train}, 100).splits["train"]
    assert (found.images, found.background, found.objects) == (3, 1, 3)
    assert found.by_class == [2, 1]
    assert found.images_by_class == [2, 1]
    assert found.sizes == [2, 1, 0]  # 200 and 100 square pixels; 5,000
    sides = dict(zip(SIDES, found.sides, strict=True))
    assert (sides[0], sides[32]) == (2, 1)  # at half the size: 7.07, 5 and 35.4 pixels
    ratios = dict(zip(RATIOS, found.ratios, strict=True))
    assert (ratios[2], ratios[0.75]) == (2, 1)  # 2, 2 and 1
    assert found.per_image[:3] == [1, 1, 1]
    assert len(found.per_image) == MOST_OBJECTS + 1
    assert found.places[int(0.75 * GRID)][int(0.75 * GRID)] == 1
    assert found.width == (200, 200, 200)


def test_what_a_person_should_know_is_said():
    many = [[0, 0, 60, 60]] * 60
    train = data(image(many, [0] * 60, size=(64, 64)), image([[0, 0, 5, 5]] * 5, [0] * 5, size=(64, 64)))
    val = data(image([[0, 0, 60, 60]], [1], size=(64, 64)))
    remarks = measure_data({"train": train, "val": val}, 64).remarks()
    assert "dog: no object in the train split" in remarks
    assert "cat: no object in the val split" in remarks
    assert "dog: 1 objects in the val split; its AP will say little" in remarks
    assert any("8% of the objects are under 8 pixels" in text for text in remarks)
    fine = data(image(many, [i % 2 for i in range(60)], size=(64, 64)))
    assert measure_data({"train": fine, "val": fine}, 64).remarks() == []
    assert FEW <= 30


def test_an_empty_split_and_a_class_of_nothing_are_no_fault():
    found = measure_data({"train": data(image([[0, 0, 60, 60]], [0])), "val": data()}, 64)
    assert found.splits["val"].width == (0, 0, 0)
    assert "dog: no object in any split" in found.remarks()
    assert json.loads(json.dumps(found.to_dict()))["classes"] == ["cat", "dog"]

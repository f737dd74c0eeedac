"""What tests of augmentation ask of instance maps."""

from __future__ import annotations

import numpy as np

from yololab.data.sample import Sample, to_sample


def samples(data, count):
    return [to_sample(record, record.pixels, with_masks=True) for record in data.records[:count]]


def mask_boxes(sample: Sample) -> dict[int, np.ndarray]:
    """Bounding box of what is visible of every object."""
    found = {}
    for index in range(len(sample.labels)):
        rows, columns = np.nonzero(sample.instance_map == index + 1)
        if len(rows):
            found[index] = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
    return found


def assert_masks_lie_in_boxes(sample: Sample, slack: float) -> None:
    assert set(np.unique(sample.instance_map)) <= set(range(len(sample.labels) + 1))
    for index, seen in mask_boxes(sample).items():
        box = sample.boxes_xyxy[index]
        assert (seen[:2] >= box[:2] - slack).all(), (box, seen)
        assert (seen[2:] <= box[2:] + slack).all(), (box, seen)

from __future__ import annotations

import pytest
import torch

from parts import nms
from yololab.metrics.nms import suppress
from yololab.structures import Detections


def detections(boxes, scores):
    return Detections(torch.tensor([boxes], dtype=torch.float32), torch.tensor([scores], dtype=torch.float32))


def test_suppression_is_per_class_unless_agnostic():
    both = detections([[0, 0, 10, 10], [1, 0, 10, 10]], [[0.9, 0.0], [0.0, 0.8]])
    assert len(suppress(both, nms())[0].scores) == 2
    assert suppress(both, nms(class_agnostic=True))[0].labels.tolist() == [0]


def test_multi_label_finds_a_box_once_per_class():
    one = detections([[0, 0, 10, 10]], [[0.9, 0.4]])
    assert suppress(one, nms(multi_label=True))[0].labels.tolist() == [0, 1]
    assert suppress(one, nms(multi_label=False))[0].labels.tolist() == [0]


def test_scores_come_highest_first_and_are_limited():
    many = detections([[20 * i, 0, 20 * i + 10, 10] for i in range(9)], [[0.1 * (i + 1)] for i in range(9)])
    found = suppress(many, nms(max_detections=4))[0]
    assert found.scores.tolist() == pytest.approx([0.9, 0.8, 0.7, 0.6])


def test_nothing_above_the_threshold_is_an_empty_result():
    found = suppress(detections([[0, 0, 10, 10]], [[0.0005, 0.0]]), nms())[0]
    assert found.boxes_xyxy.shape == (0, 4)

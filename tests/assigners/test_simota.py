from __future__ import annotations

import torch

from assigners.case import predictions, targets
from yololab.assigners import SimOTA
from yololab.structures import Predictions


def test_simotas_k_is_the_floor_of_the_summed_overlaps():
    """Four perfect predictions and nothing else: k = 4."""
    p = predictions()
    box = torch.tensor([32.0, 32.0, 80.0, 80.0])
    boxes = torch.zeros_like(p.boxes_xyxy)
    inside = [i for i, point in enumerate(p.points.tolist()) if point in ([52, 52], [60, 52], [52, 60], [60, 60])]
    boxes[0, inside] = box
    got = SimOTA()(Predictions(boxes, p.class_logits, p.points, p.strides), targets([(0, *box.tolist())]))
    assert got.positive[0].nonzero().flatten().tolist() == inside
    assert torch.allclose(got.quality[0, inside], torch.ones(4), atol=1e-4)


def test_simotas_k_never_exceeds_the_candidates():
    """A single point, and ten overlaps that would ask for more (YOLOX #1563)."""
    p = predictions(size=32)
    last = slice(-1, None)
    few = Predictions(p.boxes_xyxy[:, last], p.class_logits[:, last], p.points[last], p.strides[last])
    got = SimOTA()(few, targets([(0, 0, 0, 32, 32)] * 3))
    assert int(got.positive.sum()) == 1

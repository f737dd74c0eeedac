"""An imported graph as a detector."""

from __future__ import annotations

import torch

from index_graph.yaml_of import graph_with
from yololab.index_graph.imported_graph import build
from yololab.index_graph.translate import translate


def test_it_predicts_at_the_scale_that_is_asked_for():
    detector = build(translate(graph_with()), "n", num_classes=3, device="cpu").eval()
    with torch.no_grad():
        found = detector(torch.rand(1, 3, 32, 32))
    assert found.boxes_xyxy.shape == (1, 8 * 8 + 4 * 4, 4)
    assert found.scores.shape[-1] == 3

from __future__ import annotations

import torch

from yololab.structures import Predictions, Targets


def test_a_batch_moves_as_a_whole_and_what_is_missing_stays_missing():
    targets = Targets(torch.zeros(2, 3, 4), torch.zeros(2, 3, dtype=torch.long), torch.ones(2, 3).bool())
    moved = targets.to("meta")
    assert {moved.boxes_xyxy.device.type, moved.labels.device.type, moved.valid.device.type} == {"meta"}
    assert moved.masks is None
    assert targets.boxes_xyxy.device.type == "cpu"


def test_scores_are_class_probabilities_times_objectness_where_it_is_predicted():
    shape = {"boxes_xyxy": torch.zeros(1, 1, 4), "points": torch.zeros(1, 2), "strides": torch.ones(1)}
    logits = torch.zeros(1, 1, 2)
    assert Predictions(class_logits=logits, **shape).scores.tolist() == [[[0.5, 0.5]]]
    both = Predictions(class_logits=logits, objectness_logits=torch.zeros(1, 1), **shape)
    assert both.scores.tolist() == [[[0.25, 0.25]]]

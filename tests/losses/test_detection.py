from __future__ import annotations

import pytest
import torch

from yololab import heads, losses
from yololab.assigners import SimOTA, Static, TaskAligned
from yololab.assigners.base import ByEpoch
from yololab.errors import ConfigError
from yololab.structures import Targets

BOX_LOSSES = {
    "iou": losses.IoULoss(),
    "iou_squared": losses.IoULoss(power=2.0),
    "giou": losses.GIoULoss(),
    "diou": losses.DIoULoss(),
    "ciou": losses.CIoULoss(),
    "siou": losses.SIoULoss(),
    "eiou": losses.EIoULoss(),
    "wiou": losses.WIoULoss(),
}


def batch_targets():
    boxes = torch.tensor([[[8.0, 8, 40, 44], [20, 30, 60, 62]], [[0.0, 0, 0, 0], [0, 0, 0, 0]]])
    return Targets(boxes, torch.tensor([[0, 2], [0, 0]]), torch.tensor([[True, True], [False, False]]))


HEADS = ["Detect", "DualDDetect", "EffiDe"]


@pytest.mark.parametrize("head_name", HEADS)
@pytest.mark.parametrize("assigner", [TaskAligned(), SimOTA(), Static()], ids=["tal", "simota", "static"])
@pytest.mark.parametrize("box", ["ciou", "siou"])
def test_any_head_assigner_and_box_loss_train_together(head_name, assigner, box):
    torch.manual_seed(0)
    repeat = 2 if head_name == "DualDDetect" else 1
    head = getattr(heads, head_name)((8, 8, 8) * repeat, strides=(8, 16, 32) * repeat, num_classes=3)
    features = [torch.rand(2, 8, 64 // s, 64 // s) for s in (8, 16, 32)] * repeat
    branches = {name: head.decode(maps, name) for name, maps in head(features).items()}
    loss = losses.DetectionLoss(BOX_LOSSES[box], assigner, {"box": 7.5}, {"aux": 0.25})(branches, batch_targets())
    loss.total.backward()
    assert torch.isfinite(loss.total)
    assert all(torch.isfinite(value) and value >= 0 for value in loss.terms.values())
    assert [n for n, p in head.named_parameters() if p.requires_grad and p.grad is None] == []


@pytest.mark.parametrize("head_name", HEADS)
def test_a_batch_without_boxes_has_a_finite_loss_and_reaches_the_classes(head_name):
    repeat = 2 if head_name == "DualDDetect" else 1
    head = getattr(heads, head_name)((8, 8, 8) * repeat, strides=(8, 16, 32) * repeat, num_classes=3)
    features = [torch.rand(2, 8, 64 // s, 64 // s) for s in (8, 16, 32)] * repeat
    branches = {name: head.decode(maps, name) for name, maps in head(features).items()}
    empty = Targets(torch.zeros(2, 0, 4), torch.zeros(2, 0, dtype=torch.long), torch.zeros(2, 0, dtype=torch.bool))
    loss = losses.DetectionLoss(losses.CIoULoss(), TaskAligned(), {})(branches, empty)
    loss.total.backward()
    assert torch.isfinite(loss.total)
    assert loss.total > 0


def test_auxiliary_branches_count_by_their_weight():
    torch.manual_seed(0)
    head = heads.Detect((8, 8, 8), strides=(8, 16, 32), num_classes=3)
    maps = head([torch.rand(2, 8, 64 // s, 64 // s) for s in (8, 16, 32)])["main"]
    predictions, targets = head.decode(maps), batch_targets()
    loss = losses.DetectionLoss(losses.CIoULoss(), TaskAligned(), {"box": 7.5}, {"aux": 0.25})
    main, both = loss({"main": predictions}, targets), loss({"aux": predictions, "main": predictions}, targets)
    assert both.total.item() == pytest.approx(1.25 * main.total.item(), rel=1e-5)


def test_an_unknown_gain_is_refused_with_the_nearest_term():
    with pytest.raises(ConfigError, match=r"loss.gains: there is no term 'clases'; did you mean 'classes'"):
        losses.DetectionLoss(losses.CIoULoss(), TaskAligned(), {"clases": 1.0})


@pytest.mark.parametrize("head_name", HEADS)
def test_the_weight_of_a_class_multiplies_its_share_of_the_classification_term(head_name):
    torch.manual_seed(0)
    repeat = 2 if head_name == "DualDDetect" else 1
    head = getattr(heads, head_name)((8, 8, 8) * repeat, strides=(8, 16, 32) * repeat, num_classes=3)
    features = [torch.rand(2, 8, 64 // s, 64 // s) for s in (8, 16, 32)] * repeat
    branches = {name: head.decode(maps, name) for name, maps in head(features).items()}

    def term(weights):
        loss = losses.DetectionLoss(losses.CIoULoss(), TaskAligned(), {}, class_weights=weights)
        return loss(branches, batch_targets()).terms["classes"]

    plain, alone = term({}), [term({label: 3.0}) for label in range(3)]
    # Each class adds twice its share; the shares add up to the whole.
    assert sum((value - plain) / 2 for value in alone) == pytest.approx(float(plain), rel=1e-5)
    assert term({0: 3.0, 1: 3.0, 2: 3.0}) == pytest.approx(3 * float(plain), rel=1e-5)


def test_a_term_of_the_last_epochs_counts_in_them_alone():
    torch.manual_seed(0)
    head = heads.EffiDe((8, 8, 8), strides=(8, 16, 32), num_classes=3)
    branches = {"main": head.decode(head([torch.rand(2, 8, 64 // s, 64 // s) for s in (8, 16, 32)])["main"])}
    loss = losses.DetectionLoss(BOX_LOSSES["iou"], SimOTA(), {}, last_epochs={"l1": 2})
    found = []
    for epoch in range(5):
        loss.set_epoch(epoch, 5)
        found.append(float(loss(branches, batch_targets()).terms["l1"]) > 0)
    assert found == [False, False, False, True, True]


def test_the_assigner_learns_the_epoch():
    told = []

    class Listening(Static, ByEpoch):
        def set_epoch(self, epoch):
            told.append(epoch)

    loss = losses.DetectionLoss(BOX_LOSSES["iou"], Listening(), {}, branch_assigners={"one2one": Listening()})
    loss.set_epoch(3, 10)
    assert told == [3, 3]


def test_a_typo_among_the_terms_of_the_last_epochs_is_told():
    with pytest.raises(ConfigError, match=r"loss.last_epochs: there is no term 'l2'.*l1"):
        losses.DetectionLoss(BOX_LOSSES["iou"], Static(), {}, last_epochs={"l2": 2})

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from yololab import heads, losses
from yololab.assigners import SimOTA, Static, TaskAligned
from yololab.errors import ConfigError
from yololab.losses.distribution import center_size_targets, distribution_focal_loss, side_distances
from yololab.losses.siou import angle_cost, distance_cost, shape_cost
from yololab.ops.overlap import geometry
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
DEGENERATE = {
    "identical": [(10, 10, 30, 40), (10, 10, 30, 40)],
    "zero width": [(10, 10, 10, 40), (10, 10, 30, 40)],
    "both points": [(10, 10, 10, 10), (10, 10, 10, 10)],
    "different points": [(10, 10, 10, 10), (50, 60, 50, 60)],
    "same centre": [(0, 0, 40, 40), (10, 15, 30, 25)],
    "disjoint": [(0, 0, 5, 5), (500, 600, 620, 640)],
    "touching": [(0, 0, 10, 10), (10, 0, 20, 10)],
    "thin": [(0, 0, 1e-4, 500), (0, 0, 500, 1e-4)],
}


@pytest.mark.parametrize("name", BOX_LOSSES)
@pytest.mark.parametrize("pair", DEGENERATE)
@pytest.mark.parametrize("autocast", [False, True])
def test_values_and_gradients_are_finite_for_every_pair(name, pair, autocast):
    boxes = torch.tensor(DEGENERATE[pair], dtype=torch.float32).unsqueeze(1).requires_grad_()
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        loss = BOX_LOSSES[name](boxes[0], boxes[1])
    loss.sum().backward()
    assert torch.isfinite(loss).all()
    assert torch.isfinite(boxes.grad).all()


coordinate = st.floats(0, 600, width=32)


@settings(max_examples=60, deadline=None)
@given(st.lists(coordinate, min_size=8, max_size=8), st.sampled_from(sorted(BOX_LOSSES)))
def test_any_pair_has_a_finite_loss_that_is_zero_for_equal_boxes(numbers, name):
    a, b = torch.tensor(numbers).view(2, 2, 2).sort(dim=1).values.flatten(1).requires_grad_()
    loss = BOX_LOSSES[name](a[None], b[None])
    assert torch.isfinite(loss).all()
    assert loss > -1e-4
    if (a[2:] - a[:2] > 1).all():
        assert BOX_LOSSES[name](a[None], a[None]).abs() < 1e-4


def test_iou_of_a_quarter_overlap_by_hand():
    a, b = torch.tensor([[0.0, 0, 10, 10]]), torch.tensor([[5.0, 5, 15, 15]])
    # Intersection 25, union 175, hull 225, centre distance^2 50, diagonal^2 450.
    assert BOX_LOSSES["iou"](a, b).item() == pytest.approx(1 - 25 / 175)
    assert BOX_LOSSES["iou_squared"](a, b).item() == pytest.approx(1 - (25 / 175) ** 2)
    assert BOX_LOSSES["giou"](a, b).item() == pytest.approx(1 - 25 / 175 + 50 / 225)
    assert BOX_LOSSES["diou"](a, b).item() == pytest.approx(1 - 25 / 175 + 50 / 450)
    assert BOX_LOSSES["ciou"](a, b).item() == pytest.approx(1 - 25 / 175 + 50 / 450)  # equal aspect ratios
    assert BOX_LOSSES["eiou"](a, b).item() == pytest.approx(1 - 25 / 175 + 50 / 450)  # equal sides
    assert BOX_LOSSES["wiou"](a, b).item() == pytest.approx(math.exp(50 / 450) * (1 - 25 / 175))


def pair(offset, size_a=(10, 10), size_b=(10, 10)):
    def around(center, size):
        return torch.tensor(
            [[center[0] - size[0] / 2, center[1] - size[1] / 2, center[0] + size[0] / 2, center[1] + size[1] / 2]]
        )

    return geometry(around((0, 0), size_a), around(offset, size_b))


@pytest.mark.parametrize(
    ("offset", "cost"), [((5, 0), 0), ((0, 5), 0), ((0, 0), 0), ((5, 5), 1), ((5, -5), 1), ((1, 3**0.5), 3**0.5 / 2)]
)
def test_siou_angle_cost_is_zero_on_the_axes_and_one_on_the_diagonal(offset, cost):
    assert angle_cost(pair(offset)).item() == pytest.approx(cost, abs=1e-6)


def test_siou_distance_cost_by_equation_5():
    # dx = 5, hull 15 wide, on an axis: gamma = 2; no offset in y.
    assert distance_cost(pair((5, 0))).item() == pytest.approx(1 - math.exp(-2 * (5 / 15) ** 2))


def test_siou_shape_cost_by_equation_8():
    expected = (1 - math.exp(-0.5)) ** 4 + (1 - math.exp(-0.75)) ** 4
    assert shape_cost(pair((0, 0), (10, 10), (20, 40)), 4.0).item() == pytest.approx(expected)


def test_distribution_focal_loss_splits_between_neighbouring_bins():
    logits = torch.zeros(1, 4, 16)
    logits[..., 3], logits[..., 4] = math.log(0.75) + 20, math.log(0.25) + 20
    at_best = distribution_focal_loss(logits, torch.full((1, 4), 3.25))
    entropy = -(0.75 * math.log(0.75) + 0.25 * math.log(0.25))
    assert at_best.item() == pytest.approx(entropy, abs=1e-4)
    assert distribution_focal_loss(logits, torch.full((1, 4), 3.75)) > at_best


def test_distances_beyond_the_bins_are_clamped():
    logits = torch.zeros(2, 4, 16)
    assert torch.isfinite(distribution_focal_loss(logits, torch.tensor([[99.0] * 4, [-3.0] * 4]))).all()


def test_side_distances_and_centre_sizes_by_hand():
    point, box, stride = torch.tensor([[20.0, 12.0]]), torch.tensor([[4.0, 4.0, 36.0, 20.0]]), torch.tensor([8.0])
    assert side_distances(point, box, stride).tolist() == [[2, 1, 2, 1]]
    # cell (2, 1): corner (2, 1); centre (20, 12) / 8 = (2.5, 1.5).
    expected = [0.5, 0.5, math.log(4), math.log(2)]
    assert center_size_targets(point, box, stride)[0].tolist() == pytest.approx(expected)


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

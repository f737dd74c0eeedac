"""Assignment and losses on the reference's raw head outputs."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from golden.arguments import Arguments
from golden.case import Case, assert_close
from golden.overlap import LOSSES, loss_of
from yololab.assigners import SimOTA, TaskAligned
from yololab.assigners.base import gather_boxes
from yololab.heads import Detect, EffiDe
from yololab.losses import DetectionLoss
from yololab.ops.boxes import cxcywh_to_xyxy
from yololab.structures import Assignment, HeadMaps, Predictions, Targets

CONTESTED = {"ul82": "containing", "ul84": "containing", "y9": "all"}
HYPERPARAMETERS = {"cls_pw": 1.0, "label_smoothing": 0.0, "fl_gamma": 0.0}
"""Of YOLOv9's loss; these values switch them off, and ours has none of them."""


def task_aligned(case: Case, arguments: Arguments, branch: str = "") -> TaskAligned:
    """The assigner of the case's family with its arguments, those of a branch where they are told apart."""
    if case.content["family"] not in CONTESTED:
        arguments.fail(f"family {case.content['family']!r} is not supported, only {' or '.join(CONTESTED)}")
    top_k = arguments.take(f"topk{branch}", 10)
    keep = arguments.take(f"topk2{branch}", top_k)
    return TaskAligned(
        top_k,
        arguments.take("alpha", 0.5),
        arguments.take("beta", 6.0),
        CONTESTED[case.content["family"]],
        arguments.take("eps", 1e-9),
        float(arguments.take("min_side", 0.0)),
        None if keep == top_k else keep,
    )


def check_tal(case: Case) -> None:
    case.only_tensors("in", "out")
    scores = case.tensor("in/pd_scores")
    with case.arguments() as arguments:
        assigner = task_aligned(case, arguments)
        arguments.equals("num_classes", scores.shape[-1])
        arguments.set_aside(strides="the enlarged side is given by itself")
    points = case.tensor("in/anchor_points")
    predictions = Predictions(
        boxes_xyxy=case.tensor("in/pd_bboxes"),
        class_logits=torch.logit(scores.double(), eps=None),
        points=points,
        strides=torch.ones(len(points)),
    )
    targets = Targets(
        case.tensor("in/gt_bboxes"),
        case.tensor("in/gt_labels").long().squeeze(-1),
        case.tensor("in/mask_gt").bool().squeeze(-1),
    )
    got = assigner(predictions, targets)
    labels = _check_aligned(case, got, targets, scores.shape[-1])
    positive = case.tensor("out/fg_mask").bool()
    assert torch.equal(labels[positive], case.tensor("out/target_labels").long()[positive])
    boxes = gather_boxes(targets.boxes_xyxy, got.box_index)
    want = case.tensor("out/target_bboxes")
    assert_close(boxes[positive], want[positive], case.tolerance["target_bboxes"], f"{case.id} boxes")


def _check_aligned(case: Case, got: Assignment, targets: Targets, num_classes: int, suffix: str = "") -> Tensor:
    """Compare positives, their boxes and their soft scores, as far as they are stored; the labels of all points."""
    positive = case.tensor(f"out/fg_mask{suffix}").bool()
    assert torch.equal(got.positive, positive), f"{case.id}: {int((got.positive != positive).sum())} points differ"
    if f"out/target_gt_idx{suffix}" in case.arrays:
        want = case.tensor(f"out/target_gt_idx{suffix}").long()
        assert torch.equal(got.box_index[positive], want[positive]), f"{case.id}: matched boxes differ"
    has_boxes = targets.labels.shape[1] > 0
    labels = targets.labels.gather(1, got.box_index) if has_boxes else torch.zeros_like(got.box_index)
    soft = _soft_scores(got, labels, num_classes)
    tolerance = case.tolerance.get("target_scores", {"atol": 1e-5, "rtol": 1e-5})
    assert_close(soft, case.tensor(f"out/target_scores{suffix}"), tolerance, f"{case.id} scores")
    return labels


def _soft_scores(assignment: Assignment, labels: Tensor, num_classes: int) -> Tensor:
    one_hot = torch.nn.functional.one_hot(labels, num_classes)
    return one_hot * (assignment.quality * assignment.positive).unsqueeze(-1)


def normalised_targets(rows: Tensor, batch: int, image_hw: tuple[int, int]) -> Targets:
    """Rows image, class, cx, cy, w, h (normalised) as padded Targets in pixels."""
    height, width = image_hw
    counts = [int((rows[:, 0] == i).sum()) for i in range(batch)]
    most = max(counts, default=0)
    boxes, labels = torch.zeros(batch, most, 4), torch.zeros(batch, most, dtype=torch.long)
    valid = torch.zeros(batch, most, dtype=torch.bool)
    for i in range(batch):
        own = rows[rows[:, 0] == i].float()
        boxes[i, : len(own)] = cxcywh_to_xyxy(own[:, 2:] * torch.tensor([width, height] * 2))
        labels[i, : len(own)] = own[:, 1].long()
        valid[i, : len(own)] = True
    return Targets(boxes, labels, valid)


def check_detection_loss(case: Case) -> None:
    case.only_tensors("in", "out", "grad")
    dual = "in/raw_main0" in case.arrays
    prefixes = {"aux": "raw_aux", "main": "raw_main"} if dual else {"main": "raw"}
    raws = {b: [t.clone().requires_grad_() for t in case.numbered(f"in/{p}")] for b, p in prefixes.items()}
    batch = raws["main"][0].shape[0]
    rows = case.tensor("in/targets")
    with case.arguments() as arguments:
        assigner = task_aligned(case, arguments)
        gains = {"box": arguments.take("box"), "classes": arguments.take("cls"), "distribution": arguments.take("dfl")}
        strides, (height, width) = arguments.take("strides"), arguments.take("image_hw")
        classes, reg_max = arguments.take("num_classes"), arguments.take("reg_max", 16)
        aux_weight = arguments.take("aux_weight", 0.25 if dual else None)
        if dual == (aux_weight is None):
            arguments.fail(f"argument aux_weight={aux_weight} contradicts {len(prefixes)} branches of stored tensors")
        arguments.equals("n_gt", [int((rows[:, 0] == image).sum()) for image in range(batch)])
        for name, off in HYPERPARAMETERS.items():
            arguments.only(name, off)
    head = Detect([16] * len(strides), strides=strides, num_classes=classes, reg_max=reg_max)
    branches = {name: head.decode(HeadMaps(levels)) for name, levels in raws.items()}
    targets = normalised_targets(rows, batch, (height, width))
    loss = DetectionLoss(LOSSES["ciou"](), assigner, gains, {"aux": aux_weight} if dual else {})
    for branch, predictions in branches.items():
        suffix = f"_{branch}" if dual else ""
        if f"out/fg_mask{suffix}" in case.arrays:
            _check_aligned(case, assigner(predictions, targets), targets, classes, suffix)
    got = loss(branches, targets)
    got.total.backward()
    assert_close(got.total.detach().flatten(), case.tensor("out/loss_total"), case.tolerance["loss"], f"{case.id} loss")
    items = torch.stack([got.terms[name] for name in ("box", "classes", "distribution")])
    assert_close(items, case.tensor("out/loss_items"), case.tolerance["loss"], f"{case.id} terms")
    for branch, prefix in prefixes.items():
        for level, raw in enumerate(raws[branch]):
            want = case.tensor(f"grad/{prefix}{level}")
            assert_close(raw.grad, want, case.tolerance["grad"], f"{case.id} gradient {branch} {level}")


def check_two_branches(case: Case) -> None:
    """One-to-many and one-to-one branches, each with an assigner of its own, added with their weights."""
    case.only_tensors("in", "out", "grad")
    names = ("one2many", "one2one")
    raws = {name: [t.clone().requires_grad_() for t in case.numbered(f"in/raw_{name}")] for name in names}
    rows, batch = case.tensor("in/targets"), raws["one2many"][0].shape[0]
    with case.arguments() as arguments:
        assigners = {name: task_aligned(case, arguments, f"_{name}") for name in names}
        head, gains = _head_and_gains(arguments)
        height, width = arguments.take("image_hw")
        epochs, done = arguments.take("epochs", 1), arguments.take("updates", 0)
        stated = {name: arguments.take(f"weight_{name}") for name in names}
        arguments.equals("n_gt", [int((rows[:, 0] == image).sum()) for image in range(batch)])
    weights = YOLO26 if case.kind == "yolo26loss" else dict.fromkeys(names, 1.0)
    criterion = DetectionLoss(LOSSES["ciou"](), assigners["one2many"], gains, weights, branch_assigners=assigners)
    criterion.set_epoch(done, epochs)
    for name in names:
        assert criterion.weight_of(name) == pytest.approx(stated[name], abs=1e-12), f"{case.id} weight of {name}"
    targets, terms = normalised_targets(rows, batch, (height, width)), ("box", "classes", list(gains)[2])
    predictions = {name: head.decode(HeadMaps(raws[name])) for name in names}
    for name in names:
        _check_aligned(case, assigners[name](predictions[name], targets), targets, head.num_classes, f"_{name}")
        alone = DetectionLoss(LOSSES["ciou"](), assigners[name], gains)({name: predictions[name]}, targets)
        own = torch.stack([alone.terms[term] for term in terms])
        assert_close(own, case.tensor(f"out/loss_items_{name}"), case.tolerance["loss"], f"{case.id} {name} terms")
    got = criterion(predictions, targets)
    got.total.backward()
    total = case.tensor("out/loss_total")
    assert_close(got.total.detach().flatten(), total, case.tolerance["loss"], f"{case.id} loss")
    if case.kind == "v10loss":  # yolo26loss reports the items of its one-to-one branch, which are compared above
        items = torch.stack([got.terms[term] for term in terms])
        assert_close(items, case.tensor("out/loss_items"), case.tolerance["loss"], f"{case.id} terms")
    for name, levels in raws.items():
        for level, raw in enumerate(levels):
            want = case.tensor(f"grad/raw_{name}{level}")
            found = torch.zeros_like(want) if raw.grad is None else raw.grad
            assert_close(found, want, case.tolerance["grad"], f"{case.id} gradient {name} {level}")


YOLO26 = {"one2many": (0.8, 0.1), "one2one": (0.2, 0.9)}
"""The weights of conf/head/one_to_one_direct.yaml"""


def _head_and_gains(arguments: Arguments) -> tuple[Detect, dict[str, float]]:
    strides, bins = arguments.take("strides"), arguments.take("reg_max", 16)
    classes, third = arguments.take("num_classes"), "distribution" if bins > 1 else "distances"
    gains = {"box": arguments.take("box"), "classes": arguments.take("cls"), third: arguments.take("dfl")}
    return Detect([16] * len(strides), strides=strides, num_classes=classes, reg_max=bins), gains


def check_simota(case: Case) -> None:
    case.only_tensors("in", "out", "grad")
    is_v6 = case.kind == "simota_v6"
    raws = [t.clone().requires_grad_() for t in case.numbered("in/raw")]
    levels = [raw.squeeze(1).permute(0, 3, 1, 2) for raw in raws] if is_v6 else raws
    with case.arguments() as arguments:
        strides, classes = arguments.take("strides"), arguments.take("num_classes")
        assigner = SimOTA(
            radius=arguments.take("center_radius"),
            in_box=is_v6,
            penalty=1e5 if is_v6 else 1e6,
            iou_weight=arguments.take("iou_weight"),
            class_weight=arguments.take("cls_weight"),
            top_candidates=arguments.take("topk_candidates", 10),
        )
        gains = {"box": arguments.take("reg_weight"), "l1": float(arguments.take("use_l1", True))}
        box_loss = loss_of(arguments, case.content["family"])
        sizes = [[side * stride for side in level.shape[2:]] for level, stride in zip(levels, strides, strict=True)]
        arguments.equals("image_hw", sizes[0] if all(size == sizes[0] for size in sizes) else sizes)
        arguments.equals("n_gt", case.tensor("in/n_gt").tolist())
        arguments.only("n_anchors", 1)
        arguments.set_aside(in_channels="the reference keeps it and never reads it")
    head = EffiDe([16] * len(strides), strides=strides, num_classes=classes)
    predictions = head.decode(HeadMaps(levels))
    targets = _pixel_targets(case)
    got = assigner(predictions, targets)
    _check_assignment(case, got)
    result = DetectionLoss(box_loss, assigner, gains, times_batch=False)({"main": predictions}, targets)
    result.total.backward()
    order = ("box", "l1", "objectness", "classes") if is_v6 else ("box", "objectness", "classes", "l1")
    parts = torch.stack([result.terms[name] for name in order])
    assert_close(parts, case.tensor("out/loss_parts"), case.tolerance["loss"], f"{case.id} terms")
    total = case.tensor("out/loss_total")
    assert_close(result.total.detach().flatten(), total, case.tolerance["loss"], f"{case.id} loss")
    for level, raw in enumerate(raws):
        assert_close(raw.grad, case.tensor(f"grad/raw{level}"), case.tolerance["grad"], f"{case.id} gradient {level}")


def _pixel_targets(case: Case) -> Targets:
    rows = case.tensor("in/gt" if "in/gt" in case.arrays else "in/labels").float()
    counts = case.tensor("in/n_gt").long()
    valid = torch.arange(rows.shape[1]) < counts.unsqueeze(1)
    return Targets(cxcywh_to_xyxy(rows[..., 1:]), rows[..., 0].long(), valid)


def _check_assignment(case: Case, got: Assignment) -> None:
    positive = case.tensor("out/fg_mask").bool()
    assert torch.equal(got.positive, positive), f"{case.id}: {int((got.positive != positive).sum())} points differ"
    matched: Any = case.tensor("out/matched_gt").long()
    assert torch.equal(got.box_index[positive], matched[positive]), f"{case.id}: matched boxes differ"
    want = case.tensor("out/matched_iou").float()
    assert_close(got.quality[positive], want[positive], case.tolerance["matched_iou"], f"{case.id} IoU")

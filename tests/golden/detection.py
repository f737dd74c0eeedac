"""Assignment, losses and suppression on the reference's raw head outputs."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from golden.case import Case, assert_close
from golden.overlap import LOSSES
from yololab.assigners import SimOTA, TaskAligned
from yololab.assigners.base import gather_boxes
from yololab.heads import Detect, EffiDe
from yololab.losses import DetectionLoss, IoULoss
from yololab.metrics.nms import NMSConfig, suppress
from yololab.ops.boxes import cxcywh_to_xyxy
from yololab.structures import Assignment, Detections, HeadMaps, Predictions, Targets

CONTESTED = {"ul82": "containing", "y9": "all"}


def _task_aligned(case: Case) -> TaskAligned:
    a = case.args
    return TaskAligned(a["topk"], a["alpha"], a["beta"], CONTESTED[case.content["family"]])


def check_tal(case: Case) -> None:
    scores = case.tensor("in/pd_scores")
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
    got = _task_aligned(case)(predictions, targets)
    positive = case.tensor("out/fg_mask").bool()
    assert torch.equal(got.positive, positive), f"{case.id}: {int((got.positive != positive).sum())} points differ"
    if "out/target_gt_idx" in case.arrays:
        assert torch.equal(got.box_index[positive], case.tensor("out/target_gt_idx").long()[positive])
    labels = targets.labels.gather(1, got.box_index)
    assert torch.equal(labels[positive], case.tensor("out/target_labels").long()[positive])
    boxes = gather_boxes(targets.boxes_xyxy, got.box_index)
    want = case.tensor("out/target_bboxes")
    assert_close(boxes[positive], want[positive], case.tolerance["target_bboxes"], f"{case.id} boxes")
    soft = _soft_scores(got, labels, scores.shape[-1])
    assert_close(soft, case.tensor("out/target_scores"), case.tolerance["target_scores"], f"{case.id} scores")


def _soft_scores(assignment: Assignment, labels: Tensor, num_classes: int) -> Tensor:
    one_hot = torch.nn.functional.one_hot(labels, num_classes)
    return one_hot * (assignment.quality * assignment.positive).unsqueeze(-1)


def normalised_targets(rows: Tensor, batch: int, image_hw: list[int]) -> Targets:
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
    a = case.args
    dual = "in/raw_main0" in case.arrays
    prefixes = {"aux": "raw_aux", "main": "raw_main"} if dual else {"main": "raw"}
    raws = {b: [t.clone().requires_grad_() for t in case.numbered(f"in/{p}")] for b, p in prefixes.items()}
    head = Detect([16] * 3, strides=a["strides"], num_classes=a["num_classes"], reg_max=a["reg_max"])
    branches = {name: head.decode(HeadMaps(levels)) for name, levels in raws.items()}
    batch = raws["main"][0].shape[0]
    targets = normalised_targets(case.tensor("in/targets"), batch, a["image_hw"])
    loss = DetectionLoss(
        LOSSES["ciou"](),
        _task_aligned(case),
        {"box": a["box"], "classes": a["cls"], "distribution": a["dfl"]},
        {"aux": a.get("aux_weight") or 1.0},
    )
    got = loss(branches, targets)
    got.total.backward()
    assert_close(got.total.detach().flatten(), case.tensor("out/loss_total"), case.tolerance["loss"], f"{case.id} loss")
    items = torch.stack([got.terms[name] for name in ("box", "classes", "distribution")])
    assert_close(items, case.tensor("out/loss_items"), case.tolerance["loss"], f"{case.id} terms")
    for branch, prefix in prefixes.items():
        for level, raw in enumerate(raws[branch]):
            want = case.tensor(f"grad/{prefix}{level}")
            assert_close(raw.grad, want, case.tolerance["grad"], f"{case.id} gradient {branch} {level}")


def check_simota(case: Case) -> None:
    a, is_v6 = case.args, case.kind == "simota_v6"
    raws = [t.clone().requires_grad_() for t in case.numbered("in/raw")]
    levels = [raw.squeeze(1).permute(0, 3, 1, 2) for raw in raws] if is_v6 else raws
    head = EffiDe([16] * 3, strides=a["strides"], num_classes=a["num_classes"])
    predictions = head.decode(HeadMaps(levels))
    targets = _pixel_targets(case)
    assigner = SimOTA(
        radius=a["center_radius"],
        in_box=is_v6,
        penalty=1e5 if is_v6 else 1e6,
        iou_weight=a["iou_weight"],
        class_weight=a["cls_weight"],
        top_candidates=a["topk_candidates"],
    )
    got = assigner(predictions, targets)
    _check_assignment(case, got)
    gains: dict[str, float] = {"box": a["reg_weight"]}
    if not a.get("use_l1", True):
        gains["l1"] = 0.0
    box_loss = LOSSES[a["iou_type"]]() if is_v6 else IoULoss(power=2.0)
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


def check_nms(case: Case) -> None:
    a = case.args
    raw = case.tensor("in/pred").transpose(1, 2)  # (B, N, 4 + nc + extra)
    boxes, scores, extra = raw.split((4, a["num_classes"], a["num_extra"]), dim=-1)
    detections = Detections(cxcywh_to_xyxy(boxes), scores, extra if a["num_extra"] else None)
    config = NMSConfig(
        a["conf_thres"], a["iou_thres"], a["max_det"], a["multi_label"], class_agnostic=a.get("agnostic", False)
    )
    for index, image in enumerate(suppress(detections, config)):
        want = case.tensor("out/dets")[index, : int(case.tensor("out/count")[index])]
        parts = [image.boxes_xyxy, image.scores[:, None], image.labels[:, None].float()]
        if image.mask_coefficients is not None:
            parts.append(image.mask_coefficients)
        assert_close(torch.cat(parts, dim=1), want, case.tolerance, f"{case.id} image {index}")

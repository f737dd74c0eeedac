"""Box losses, value and gradient; pairwise IoU. Rows where the reference is not finite must be finite with ours."""

from __future__ import annotations

import torch

from golden.case import Case, assert_close
from yololab import losses
from yololab.ops.boxes import cxcywh_to_xyxy, pairwise_iou

LOSSES = {
    "iou": losses.IoULoss,
    "giou": losses.GIoULoss,
    "diou": losses.DIoULoss,
    "ciou": losses.CIoULoss,
    "siou": losses.SIoULoss,
}


def check_overlap(case: Case) -> None:
    args = case.args
    kind = next(args[key] for key in ("iou_type", "loss_type", "kind") if key in args).lower()
    yolox_iou = case.content["family"] == "yolox" and kind == "iou"
    loss = losses.IoULoss(power=2.0) if yolox_iou else LOSSES[kind]()
    box1, box2 = (case.tensor(f"in/{name}").clone().requires_grad_() for name in ("box1", "box2"))
    is_xywh = args.get("box_format") == "xywh" or args.get("xywh", False)
    as_xyxy = cxcywh_to_xyxy if is_xywh else (lambda boxes: boxes)
    value = loss(as_xyxy(box1), as_xyxy(box2))
    value.sum().backward()
    assert torch.isfinite(value).all(), f"{case.id}: not finite in rows {(~torch.isfinite(value)).nonzero().tolist()}"
    for name, box in (("box1", box1), ("box2", box2)):
        assert torch.isfinite(box.grad).all(), f"{case.id}: gradient of {name} is not finite"
    rows = case.tensor("out/finite").bool()
    want = case.tensor("out/loss") if "out/loss" in case.arrays else 1 - case.tensor("out/iou")
    assert_close(value.detach().flatten()[rows], want.flatten()[rows], case.tolerance["value"], f"{case.id} loss")
    rows = case.tensor("out/grad_check").bool()
    sign = 1 if "out/loss" in case.arrays else -1
    for name, box in (("box1", box1), ("box2", box2)):
        assert_close(
            sign * box.grad[rows], case.tensor(f"grad/{name}")[rows], case.tolerance["grad"], f"{case.id} d/d{name}"
        )


def check_pairwise(case: Case) -> None:
    boxes = [cxcywh_to_xyxy(case.tensor(f"in/{name}")) for name in ("box1", "box2")]
    assert_close(pairwise_iou(*boxes), case.tensor("out/iou"), case.tolerance, case.id)

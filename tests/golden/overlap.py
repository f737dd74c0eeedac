"""Box losses, value and gradient; pairwise IoU. Rows where the reference is not finite must be finite with ours."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from golden.arguments import Arguments
from golden.case import Case, assert_close
from yololab import losses
from yololab.ops import overlap
from yololab.ops.boxes import cxcywh_to_xyxy, pairwise_iou

LOSSES = {
    "iou": losses.IoULoss,
    "giou": losses.GIoULoss,
    "diou": losses.DIoULoss,
    "ciou": losses.CIoULoss,
    "siou": losses.SIoULoss,
}
OVERLAPS = {"iou": overlap.iou, "giou": overlap.giou, "diou": overlap.diou, "ciou": overlap.ciou}
FLAGS = ("CIoU", "DIoU", "GIoU")
"""The references' flags of bbox_iou, the first that is set wins."""
REDUCTIONS: dict[str, Callable[[Tensor], Tensor]] = {"none": lambda x: x, "mean": torch.mean, "sum": torch.sum}

Loss = Callable[[Tensor, Tensor], Tensor]
BASES = {**LOSSES, "eiou": losses.EIoULoss}
GRADIENTS = {"full": "detach_weight", "detached": "detach_attention"}
"""Further gradients that a case may hold, and the switch of ours that gives them"""


def equation_of(arguments: Arguments, **switches: bool) -> Loss | None:
    """Our loss for a case of family eq; None for one of LOSSES."""
    kind = str(arguments.take("kind"))
    take = arguments.take
    if kind == "mpdiou":
        return losses.MPDIoULoss(take("image_hw"))
    if kind.startswith(("inner_", "focaler_", "alpha_")):
        wrapper, _, base = kind.partition("_")
        arguments.equals("base", base, "the kind")
        if wrapper == "alpha":
            return losses.AlphaIoULoss(base, take("power"))
        if base not in BASES:
            arguments.fail(f"base {base!r} is not supported; known are {', '.join(BASES)}")
        if wrapper == "inner":
            return losses.InnerLoss(BASES[base](), take("ratio"))
        return losses.FocalerLoss(BASES[base](), take("d"), take("u"))
    if kind.startswith("wiou_"):
        given = {name: take(name) for name in ("gamma", "alpha", "delta") if name in arguments}
        loss = losses.WIoULoss(kind.removeprefix("wiou_"), **given).eval()
        if loss.focus is not None:
            loss.focus.mean.fill_(take("mean"))
        return loss
    makers: dict[str, Callable[[], Loss]] = {
        "nwd": lambda: losses.NWDLoss(take("constant")),
        "shape_iou": lambda: losses.ShapeIoULoss(take("scale")),
        "piou": losses.PIoULoss,
        "piou2": lambda: losses.PIoU2Loss(take("lambda"), **switches),
        "eiou": losses.EIoULoss,
        "focal_eiou": lambda: losses.FocalEIoULoss(take("gamma"), **switches),
    }
    return makers[kind]() if kind in makers else None


def kind_of_overlap(arguments: Arguments, default: str) -> str:
    """The overlap that a case asks for: iou_type (YOLOv6), loss_type (YOLOX), kind, or bbox_iou's flags."""
    named = [str(arguments.take(key)).lower() for key in ("iou_type", "loss_type", "kind") if key in arguments]
    flagged = [flag.lower() for flag in FLAGS if arguments.take(flag, False)]
    kind = (named or flagged or [default])[0]
    if len(set(named)) > 1 or kind not in LOSSES:
        arguments.fail(f"overlap {' and '.join(named)} is not supported; known are {', '.join(LOSSES)}")
    return kind


def loss_of(arguments: Arguments, family: str) -> Loss:
    """Our loss for the case's arguments."""
    equation = equation_of(arguments) if family == "eq" else None
    if equation is not None:
        arguments.only("eps", overlap.EPS)
        return equation
    kind = kind_of_overlap(arguments, default="ciou" if family == "v6" else "iou")
    eps = arguments.take("eps", overlap.EPS)
    if family == "yolox" and kind == "iou":
        arguments.only("eps", overlap.EPS)
        return losses.IoULoss(power=2.0)
    if eps == overlap.EPS:
        return LOSSES[kind]()
    if kind not in OVERLAPS:
        arguments.only("eps", overlap.EPS, reason=f"{kind} has no eps of its own")
    measure = partial(OVERLAPS[kind], eps=eps)
    return lambda a, b: 1 - measure(a, b)


def corners(arguments: Arguments) -> Callable[[Tensor], Tensor]:
    """From the case's box format to xyxy; all references default to centre and size."""
    arguments.only("box_format", "xywh", "xyxy")
    is_xywh = arguments.take("box_format", "xywh") == "xywh" and arguments.take("xywh", True)
    return cxcywh_to_xyxy if is_xywh else lambda boxes: boxes


def check_further_gradients(case: Case) -> None:
    """Of a weight that is differentiated in one reading of a paper, and a constant in another."""
    for name, switch in GRADIENTS.items():
        if f"grad_{name}/box1" not in case.arrays:
            continue
        with case.arguments() as arguments:
            loss = equation_of(arguments, **{switch: name == "detached"})
            as_xyxy = corners(arguments)
            arguments.set_aside(eps="checked already")
        assert loss is not None
        boxes = [case.tensor(f"in/{box}").clone().requires_grad_() for box in ("box1", "box2")]
        loss(*map(as_xyxy, boxes)).sum().backward()
        rows = case.tensor("out/grad_check").bool()
        for box, number in zip(boxes, (1, 2), strict=True):
            want = case.tensor(f"grad_{name}/box{number}")
            known = rows & torch.isfinite(want).all(-1)
            assert torch.isfinite(box.grad).all()
            assert_close(box.grad[known], want[known], case.tolerance["grad"], f"{case.id} {name} d/dbox{number}")


def check_overlap(case: Case) -> None:
    case.only_tensors("in", "out", "grad", *(f"grad_{name}" for name in GRADIENTS))
    check_further_gradients(case)
    with case.arguments() as arguments:
        loss, as_xyxy = loss_of(arguments, case.content["family"]), corners(arguments)
        arguments.only("reduction", *REDUCTIONS)
        reduce = REDUCTIONS[arguments.take("reduction", "none")]
    box1, box2 = (case.tensor(f"in/{name}").clone().requires_grad_() for name in ("box1", "box2"))
    value = loss(as_xyxy(box1), as_xyxy(box2))
    assert torch.isfinite(value).all(), f"{case.id}: not finite in rows {(~torch.isfinite(value)).nonzero().tolist()}"
    reduced = reduce(value)
    reduced.sum().backward()
    for name, box in (("box1", box1), ("box2", box2)):
        assert torch.isfinite(box.grad).all(), f"{case.id}: gradient of {name} is not finite"
    want = case.tensor("out/loss") if "out/loss" in case.arrays else 1 - case.tensor("out/iou")
    rows = case.tensor("out/finite").bool() if reduced.dim() else torch.isfinite(want.flatten())
    got = reduced.detach().flatten()
    assert_close(got[rows], want.flatten()[rows], case.tolerance["value"], f"{case.id} loss")
    rows = case.tensor("out/grad_check").bool()
    sign = 1 if "out/loss" in case.arrays else -1
    for name, box in (("box1", box1), ("box2", box2)):
        assert_close(
            sign * box.grad[rows], case.tensor(f"grad/{name}")[rows], case.tolerance["grad"], f"{case.id} d/d{name}"
        )


def check_pairwise(case: Case) -> None:
    case.only_tensors("in", "out")
    with case.arguments() as arguments:
        as_xyxy = corners(arguments)
        eps = {"eps": arguments.take("eps")} if "eps" in arguments else {}
    boxes = [as_xyxy(case.tensor(f"in/{name}")) for name in ("box1", "box2")]
    assert_close(pairwise_iou(*boxes, **eps), case.tensor("out/iou"), case.tolerance, case.id)

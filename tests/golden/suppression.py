"""Non-maximum suppression with every argument of ultralytics' function."""

from __future__ import annotations

from unittest import mock

import torch
from torch import Tensor

from golden.arguments import Arguments
from golden.case import Case, assert_close
from yololab.metrics import nms
from yololab.metrics.nms import NMSConfig, suppress
from yololab.ops.boxes import cxcywh_to_xyxy
from yololab.structures import Detections


def check_nms(case: Case) -> None:
    case.only_tensors("in", "out")
    raw = case.tensor("in/pred").transpose(1, 2)  # (B, N, 4 + nc + extra)
    with case.arguments() as arguments:
        extra = arguments.take("num_extra", arguments.take("nm", 0))
        classes = arguments.take("num_classes", raw.shape[-1] - 4 - extra)
        if 4 + classes + extra != raw.shape[-1]:
            arguments.fail(f"num_classes={classes} and num_extra={extra} contradict {raw.shape[-1]} stored rows")
        boxes, scores, others = raw.split((4, classes, extra), dim=-1)
        boxes_xyxy = cxcywh_to_xyxy(boxes)
        config = nms_config(arguments, boxes_xyxy)
        scores = of_classes(scores, arguments.take("classes", None), config.multi_label)
        candidates = arguments.take("max_nms", nms.MAX_CANDIDATES)
        arguments.only("nc", 0, classes)
        arguments.only("labels", [], reason="labels are not mixed into predictions here")
        arguments.only("rotated", False)
        arguments.set_aside(max_time_img="a limit of time", in_place="writes in place or not; the numbers are the same")
    detections = Detections(boxes_xyxy, scores, others if extra else None)
    with mock.patch.object(nms, "MAX_CANDIDATES", candidates):
        suppressed = suppress(detections, config)
    for index, image in enumerate(suppressed):
        want = case.tensor("out/dets")[index, : int(case.tensor("out/count")[index])]
        parts = [image.boxes_xyxy, image.scores[:, None], image.labels[:, None].float()]
        if image.mask_coefficients is not None:
            parts.append(image.mask_coefficients)
        assert_close(torch.cat(parts, dim=1), want, case.tolerance, f"{case.id} image {index}")


def nms_config(arguments: Arguments, boxes_xyxy: Tensor) -> NMSConfig:
    """Our configuration. The reference keeps classes apart by an offset of `max_wh` pixels, 0 being class-agnostic."""
    offset = arguments.take("max_wh", 7680)
    extent = float(boxes_xyxy.max() - boxes_xyxy.min())
    if 0 < offset < extent:
        arguments.fail(f"argument max_wh={offset} is not supported: classes that far apart still meet")
    return NMSConfig(
        confidence=arguments.take("conf_thres", 0.25),
        iou=arguments.take("iou_thres", 0.45),
        max_detections=arguments.take("max_det", 300),
        multi_label=arguments.take("multi_label", False),
        class_agnostic=arguments.take("agnostic", False) or offset == 0,
    )


def of_classes(scores: Tensor, kept: list[int] | None, multi_label: bool) -> Tensor:
    """Scores with all but the `kept` classes at 0; without multi_label a box counts for its best class of all."""
    if kept is None:
        return scores
    wanted = torch.isin(torch.arange(scores.shape[-1]), torch.tensor(kept))
    if multi_label:
        return scores * wanted
    return scores * wanted[scores.argmax(dim=-1)].unsqueeze(-1)

"""Non-maximum suppression of a batch: score threshold, per-class or class-agnostic suppression, a limit per image."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torchvision.ops import batched_nms, nms

from yololab.structures import Detections

MAX_CANDIDATES = 30_000
"""The highest-scoring candidates of an image that enter suppression."""


@dataclass(frozen=True)
class NMSConfig:
    """`multi_label`: a box may be found once per class above `confidence`, else for its best class only.

    With `nms` "none" nothing is suppressed: the best `max_detections` remain, as heads that find every object once
    want it (YOLOv10, YOLO26).
    """

    confidence: float
    iou: float
    max_detections: int
    multi_label: bool
    class_agnostic: bool = False
    nms: str = "nms"


@dataclass(frozen=True)
class Suppressed:
    """What remains of one image, highest score first: boxes (k, 4) in network pixels, scores (k,), labels (k,)."""

    boxes_xyxy: Tensor
    scores: Tensor
    labels: Tensor
    mask_coefficients: Tensor | None = None


@torch.no_grad()
def suppress(detections: Detections, config: NMSConfig) -> list[Suppressed]:
    """Suppress each image of a batch by itself."""
    coefficients = detections.mask_coefficients
    return [
        _suppress_image(boxes, scores, None if coefficients is None else coefficients[index], config)
        for index, (boxes, scores) in enumerate(zip(detections.boxes_xyxy, detections.scores, strict=True))
    ]


def _suppress_image(boxes: Tensor, scores: Tensor, coefficients: Tensor | None, config: NMSConfig) -> Suppressed:
    boxes, scores = boxes.float(), scores.float()
    if config.multi_label:
        points, labels = torch.nonzero(scores > config.confidence, as_tuple=True)
        kept_scores = scores[points, labels]
    else:
        kept_scores, labels = scores.max(dim=1)
        points = torch.nonzero(kept_scores > config.confidence).squeeze(1)
        kept_scores, labels = kept_scores[points], labels[points]
    if len(points) > MAX_CANDIDATES:
        best = kept_scores.argsort(descending=True, stable=True)[:MAX_CANDIDATES]
        points, labels, kept_scores = points[best], labels[best], kept_scores[best]
    candidates = boxes[points]
    if config.nms == "none":
        kept = kept_scores.argsort(descending=True, stable=True)
    elif config.class_agnostic:
        kept = nms(candidates, kept_scores, config.iou)
    else:
        kept = batched_nms(candidates, kept_scores, labels, config.iou)
    kept = kept[: config.max_detections]
    chosen = None if coefficients is None else coefficients[points[kept]]
    return Suppressed(candidates[kept], kept_scores[kept], labels[kept], chosen)

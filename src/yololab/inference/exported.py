"""A detector as it leaves: one module of tensor operations, with suppression inside or outside.

Without suppression it yields what `yololab.structures.Detections` holds: boxes (B, N, 4) in pixels of the input,
scores (B, N, classes), and with masks their coefficients (B, N, K) and prototypes (B, K, H/4, W/4). With it, rows
(B, k, 6 + K) of x1, y1, x2, y2, score, label and mask coefficients, highest score first, score 0 where there is nothing
more; and with masks the prototypes.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn
from torchvision.ops import nms

from yololab.detector import Detector
from yololab.metrics.nms import NMSConfig
from yololab.structures import Detections, HeadMaps

MOST_CANDIDATES = 4096
"""The best of an image that enter suppression"""


class Exported(nn.Module):
    """A deployed detector; with `half` it computes in float16 up to the maps, which are decoded in float32.

    Boxes of a 640-pixel input, decoded in float16, would be off by half a pixel. Inputs and outputs are float32.
    """

    def __init__(self, deployed: Detector, suppression: NMSConfig | None = None, half: bool = False) -> None:
        super().__init__()
        self.detector = copy.deepcopy(deployed).eval().requires_grad_(False)
        self.decoder = copy.deepcopy(self.detector.head) if half else self.detector.head
        self.suppression, self.half_precision = suppression, half
        if half:
            self.detector.half()
        self.eval()

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Images (B, 3, H, W) in [0, 1]; see the module's docstring."""
        branches = self.detector.maps(images.half() if self.half_precision else images)
        maps = branches[self.decoder.answer]
        if self.half_precision:
            prototypes = None if maps.prototypes is None else maps.prototypes.float()
            maps = HeadMaps([level.float() for level in maps.levels], prototypes)
        found = self.decoder.detections(maps)
        if self.suppression is None:
            return tuple(value for value in found if value is not None)
        rows = suppressed_rows(found, self.suppression)
        return (rows,) if found.prototypes is None else (rows, found.prototypes)


def suppressed_rows(found: Detections, config: NMSConfig) -> Tensor:
    """Rows (B, k, 6 + K) of a batch of fixed size; operations alone, without a decision that data make."""
    return torch.stack([_image_rows(found, index, config) for index in range(len(found.boxes_xyxy))])


def _image_rows(found: Detections, index: int, config: NMSConfig) -> Tensor:
    scores, labels = found.scores[index].max(dim=1)
    boxes = found.boxes_xyxy[index]
    scores, order = scores.topk(min(MOST_CANDIDATES, scores.shape[0]))
    boxes, labels = boxes[order], labels[order].to(boxes.dtype)
    survives = torch.ones_like(scores) if config.nms == "none" else _survives(boxes, scores, labels, config)
    scores = torch.where(scores > config.confidence, scores * survives, torch.zeros_like(scores))
    rows = [boxes, scores[:, None], labels[:, None]]
    if found.mask_coefficients is not None:
        rows.append(found.mask_coefficients[index][order])
    best = scores.topk(min(config.max_detections, scores.shape[0])).indices
    return torch.cat(rows, dim=1)[best]


def _survives(boxes: Tensor, scores: Tensor, labels: Tensor, config: NMSConfig) -> Tensor:
    """1 for what suppression leaves, 0 for the rest."""
    span = boxes.max() - boxes.min() + 1  # classes are moved apart, so that one suppression does for all
    apart = boxes if config.class_agnostic else boxes + (labels * span)[:, None]
    kept = nms(apart, scores, config.iou)
    return torch.zeros_like(scores).scatter(0, kept, torch.ones_like(scores)[kept])

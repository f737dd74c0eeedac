"""Mask loss: cross-entropy inside the box, relative to the box (YOLACT, arXiv:1904.02689, sec. 3.1; YOLOv8's form)."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from yololab.structures import Assignment, Predictions, Targets

MASK_STRIDE = 4
"""Prototypes and instance maps are at this stride."""


def mask_loss(predictions: Predictions, assignment: Assignment, targets: Targets) -> Tensor:
    """Mean over the positives of: mean over the mask of the cross-entropy inside the box, over the box's share of it.

    Prototypes (B, K, h, w) and `targets.masks` (B, H, W) at a quarter of the resolution in which the boxes are; where a
    finer level makes finer prototypes, instances are told by the nearest of their pixels. 0 where nothing is positive.
    """
    prototypes, coefficients = predictions.prototypes, predictions.mask_coefficients
    assert prototypes is not None
    assert coefficients is not None
    assert targets.masks is not None
    masks = targets.masks
    image_size = (MASK_STRIDE * masks.shape[1], MASK_STRIDE * masks.shape[2])
    if masks.shape[1:] != prototypes.shape[2:]:
        masks = F.interpolate(masks[:, None].float(), prototypes.shape[2:], mode="nearest")[:, 0]
    total = 0 * (prototypes.sum() + coefficients.sum())  # every parameter gets a gradient, whatever is positive
    for index in range(len(prototypes)):
        positive = assignment.positive[index]
        if bool(positive.any()):
            boxes = assignment.box_index[index][positive]
            logits = torch.einsum("pk,khw->phw", coefficients[index][positive].float(), prototypes[index].float())
            wanted = (masks[index] == (boxes + 1)[:, None, None]).float()
            total = total + _cropped(logits, wanted, targets.boxes_xyxy[index][boxes], image_size)
    return total / assignment.positive.sum().clamp(min=1)


def _cropped(logits: Tensor, wanted: Tensor, boxes_xyxy: Tensor, image_size: tuple[int, int]) -> Tensor:
    height, width = image_size
    share = (boxes_xyxy[:, 2:] - boxes_xyxy[:, :2]).clamp(min=1e-3).prod(dim=1) / (height * width)
    inside = inside_boxes_mask(boxes_xyxy, logits.shape[1:], image_size)
    entropy = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    return ((entropy * inside).mean(dim=(1, 2)) / share).sum()


def inside_boxes_mask(boxes_xyxy: Tensor, shape: tuple[int, ...], image_size: tuple[int, int]) -> Tensor:
    """(n, h, w) bool: the pixels of a map of `shape` that lie in each box, boxes in pixels of `image_size`."""
    height, width = shape
    scale = boxes_xyxy.new_tensor([width / image_size[1], height / image_size[0]] * 2)
    x1, y1, x2, y2 = (side[:, None, None] for side in (boxes_xyxy * scale).unbind(dim=1))
    x = torch.arange(width, device=boxes_xyxy.device)[None, None, :]
    y = torch.arange(height, device=boxes_xyxy.device)[None, :, None]
    return (x >= x1) & (x < x2) & (y >= y1) & (y < y2)


def semantic_loss(logits: Tensor, targets: Targets) -> Tensor:
    """Mean cross-entropy of a map of classes (B, classes, h, w) against the classes of the visible instances.

    Ours: what YOLO26's own training adds to it is not reproduced.
    """
    assert targets.masks is not None
    instances = F.interpolate(targets.masks[:, None].float(), size=logits.shape[2:], mode="nearest")[:, 0].long()
    labels = F.pad(targets.labels.clamp(min=0), (1, 0))  # row 0 stands for pixels without an instance
    visible = (
        F.one_hot(labels.gather(1, instances.flatten(1)), logits.shape[1]).float()
        * (instances > 0).flatten(1)[..., None]
    )
    wanted = visible.transpose(1, 2).unflatten(2, logits.shape[2:])
    return F.binary_cross_entropy_with_logits(logits.float(), wanted)

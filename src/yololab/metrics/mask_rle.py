"""Predicted masks in original pixels: prototypes mixed, taken out of the letterbox, cut at their boxes, encoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from pycocotools import mask as coco_mask
from torch import Tensor
from torch.nn import functional as F

from yololab.data.detection_data import ImageRecord, Mask
from yololab.data.letterbox import Letterbox
from yololab.metrics.nms import Suppressed

AT_ONCE = 32
"""Masks that are upsampled at the same time, which bounds the memory."""


def encode_masks(found: Suppressed, prototypes: Tensor, back: Letterbox, size: tuple[int, int]) -> list[Any]:
    """One RLE per detection of one image. `prototypes` (K, h, w) of an input of `size` (width, height) pixels."""
    if found.mask_coefficients is None or not len(found.scores):
        return []
    boxes = back.to_original(found.boxes_xyxy.cpu().numpy())
    logits = torch.einsum("nk,khw->nhw", found.mask_coefficients.float(), prototypes.float())
    encoded: list[Any] = []
    for start in range(0, len(logits), AT_ONCE):
        full = _in_original_pixels(logits[start : start + AT_ONCE], back, size)
        encoded += [_encode(mask, box) for mask, box in zip(full, boxes[start : start + AT_ONCE], strict=True)]
    return encoded


def _in_original_pixels(logits: Tensor, back: Letterbox, size: tuple[int, int]) -> np.ndarray:
    """Maps (n, h, w) of the network input as bool masks (n, height, width) of the original image.

    Samples the maps bilinearly at the centres of the original pixels.
    """
    x = (torch.arange(back.width, dtype=torch.float32) + 0.5) * back.scale_x + back.pad_x
    y = (torch.arange(back.height, dtype=torch.float32) + 0.5) * back.scale_y + back.pad_y
    grid_y, grid_x = torch.meshgrid(2 * y / size[1] - 1, 2 * x / size[0] - 1, indexing="ij")
    grid = torch.stack((grid_x, grid_y), dim=-1).to(logits.device)[None]
    sampled = F.grid_sample(logits[None], grid, mode="bilinear", padding_mode="border", align_corners=False)
    return (sampled[0] > 0).cpu().numpy()


def _encode(mask: np.ndarray, box_xyxy: np.ndarray) -> Any:
    cut = np.zeros_like(mask)
    x1, y1 = np.floor(box_xyxy[:2]).astype(int)
    x2, y2 = np.ceil(box_xyxy[2:]).astype(int)
    cut[y1:y2, x1:x2] = mask[y1:y2, x1:x2]
    return coco_mask.encode(np.asfortranarray(cut.astype(np.uint8)))


def ground_truth_masks(record: ImageRecord) -> list[Any]:
    """One RLE per object of a record that has masks."""
    return [_rle(mask, record) for mask in record.masks or ()]


def _rle(mask: Mask, record: ImageRecord) -> Any:
    """As pycocotools reads annotations: the union of polygons, or the RLE itself."""
    source: Any = dict(mask) if isinstance(mask, Mapping) else [polygon.ravel().tolist() for polygon in mask]
    if isinstance(mask, Mapping):
        return source if not isinstance(source["counts"], list) else coco_mask.frPyObjects(source, *source["size"])
    return coco_mask.merge(coco_mask.frPyObjects(source, record.height, record.width))

"""One image with its objects, on the way through augmentation, and how a record becomes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

from yololab.data.decode import decode_image
from yololab.data.detection_data import ImageRecord, Mask
from yololab.errors import DataError

PAD_VALUE = 114


@dataclass(frozen=True)
class Sample:
    """An image (H, W, 3, BGR, uint8), boxes (n, 4) in its pixels, labels (n,), and where objects are visible.

    `instance_map` (H, W, int32) is 0 where nothing is and k + 1 where object k is seen; None where masks are unknown.
    """

    image: np.ndarray
    boxes_xyxy: np.ndarray
    labels: np.ndarray
    instance_map: np.ndarray | None = None

    def choose(self, kept: np.ndarray) -> Sample:
        """The same image with the chosen objects only; the instance map is renumbered."""
        instance_map = self.instance_map
        if instance_map is not None:
            numbers = np.zeros(len(self.labels) + 1, np.int32)
            numbers[1:][kept] = np.arange(1, int(kept.sum()) + 1, dtype=np.int32)
            instance_map = numbers[instance_map]
        return replace(self, boxes_xyxy=self.boxes_xyxy[kept], labels=self.labels[kept], instance_map=instance_map)


def load_image(record: ImageRecord) -> np.ndarray:
    """Decode to (H, W, 3) BGR uint8. DataError where the file is no longer the one that was checked."""
    if record.pixels is not None:
        return record.pixels
    assert record.path is not None
    try:
        image = decode_image(record.path.read_bytes(), record.bits)
    except OSError as error:
        raise DataError(f"{record.path}: cannot be read any more: {error.strerror}") from error
    if image is None or image.shape[:2] != (record.height, record.width):
        found = "it cannot be decoded" if image is None else f"it has {image.shape[1]}x{image.shape[0]} pixels"
        raise DataError(
            f"{record.path}: changed since it was checked: {found}, and was {record.width}x{record.height}; "
            "the same command checks the data again"
        )
    return image


INTERPOLATIONS = {"linear": cv2.INTER_LINEAR, "area": cv2.INTER_AREA}
"""How an image is made smaller; larger it is made bilinearly."""


def resized(image: np.ndarray, scale: float, shrink: str = "linear") -> np.ndarray:
    """Resize by `scale`, by INTERPOLATIONS[shrink] where that is below 1; the same array where it is 1."""
    if scale == 1:
        return image
    height, width = image.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(image, size, interpolation=INTERPOLATIONS[shrink] if scale < 1 else cv2.INTER_LINEAR)


def to_sample(record: ImageRecord, image: np.ndarray, with_masks: bool) -> Sample:
    """A record as a training sample on `image`, which may have been resized; crowd regions are left out."""
    kept = ~record.crowd
    factor = np.array([image.shape[1] / record.width, image.shape[0] / record.height] * 2)
    instance_map = None
    if with_masks:
        masks = [mask for mask, keep in zip(record.masks or (), kept, strict=False) if keep]
        instance_map = draw_instance_map(masks, record, image.shape[:2])
    boxes = (record.boxes_xyxy[kept] * factor).astype(np.float32)
    return Sample(image, boxes, record.labels[kept], instance_map)


def draw_instance_map(masks: list[Mask], record: ImageRecord, shape: tuple[int, int]) -> np.ndarray:
    """Instance map (H, W) of the given masks; where they overlap, the smaller object is in front."""
    drawn = [draw_mask(mask, record, shape) for mask in masks]
    canvas = np.zeros(shape, np.int32)
    for index in sorted(range(len(drawn)), key=lambda i: -int(drawn[i].sum())):
        canvas[drawn[index]] = index + 1
    return canvas


def draw_mask(mask: Mask, record: ImageRecord, shape: tuple[int, int]) -> np.ndarray:
    """One object's mask as (H, W) bool at `shape`, which may differ from the record's size."""
    height, width = shape
    if isinstance(mask, Mapping):
        full = decode_rle(mask)
        return cv2.resize(full, (width, height), interpolation=cv2.INTER_NEAREST).astype(bool)
    factor = np.array([width / record.width, height / record.height])
    canvas = np.zeros(shape, np.uint8)
    polygons = [np.round(polygon * factor * 16).astype(np.int32) for polygon in mask]
    for polygon in polygons:  # one by one: where parts overlap they add up, they do not cut holes
        cv2.fillPoly(canvas, [polygon], 1, shift=4)
    return canvas.astype(bool)


def decode_rle(rle: Mapping[str, Any]) -> np.ndarray:
    """COCO RLE, compressed or as a list of counts, -> (H, W) uint8."""
    from pycocotools import mask as coco_mask

    encoded: Any = dict(rle)
    if isinstance(rle["counts"], list):
        encoded = coco_mask.frPyObjects(encoded, *rle["size"])
    return coco_mask.decode(encoded)

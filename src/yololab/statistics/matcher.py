"""Matches of boxes by COCOeval's rules (pycocotools, `evaluateImg`), all thresholds and area ranges at once.

Per image and class the 100 best detections, best first, each take the ground truth of highest IoU that is free (the
last of equals); crowds and objects outside the area range are taken only where nothing else fits, crowds any number
of times, and make the detection ignored; an unmatched detection outside the area range is ignored too. One deviation:
pycocotools takes a match to the annotation of id 0 for none, here it is one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from yololab.errors import DataError
from yololab.statistics.matches import Matches

MAX_DETECTIONS = 100
THRESHOLDS = np.linspace(0.5, 0.95, 10)
AREA_RANGES = np.array([[0, 1e10], [0, 32**2], [32**2, 96**2], [96**2, 1e10]])
"""(areas, 2) square pixels, both ends included"""


@dataclass(frozen=True, eq=False)
class _Truths:
    """Ground truths of one class on one image."""

    boxes_xywh: np.ndarray
    crowd: np.ndarray
    ignored: np.ndarray
    """(areas, truths) bool"""


def match_detections(ground_truth: dict[str, Any], detections: np.ndarray) -> Matches:
    """Match `detections` (n, 7), rows of image id, x, y, w, h, score, category id, to a COCO dictionary.

    Detections of classes that the dictionary lacks are left out, as COCO does; DataError for an unknown image.
    """
    image_ids = np.unique([image["id"] for image in ground_truth["images"]])
    category_ids = np.unique([category["id"] for category in ground_truth["categories"]])
    detections = np.asarray(detections, dtype=float).reshape(-1, 7)
    detections = detections[np.isin(detections[:, 6], category_ids)]
    unknown = ~np.isin(detections[:, 0], image_ids)
    if unknown.any():
        raise DataError(f"a detection on image {detections[unknown][0, 0]:g}, which the ground truth does not list")
    image, classes = np.searchsorted(image_ids, detections[:, 0]), np.searchsorted(category_ids, detections[:, 6])
    kept, groups = _best_of_each(image, classes, detections[:, 5])
    boxes, image, classes, scores = detections[kept, 1:5], image[kept], classes[kept], detections[kept, 5]
    truths = _truths(ground_truth, image_ids, category_ids)
    matched = np.zeros((len(AREA_RANGES), len(THRESHOLDS), len(boxes)), dtype=bool)
    ignored = np.zeros_like(matched)
    for key, found in truths.items():
        members = groups.get(key)
        if members is not None:
            _match_group(boxes[members], found, matched, ignored, members)
    area = boxes[:, 2] * boxes[:, 3]
    outside = (area < AREA_RANGES[:, :1]) | (area > AREA_RANGES[:, 1:])
    ignored |= ~matched & outside[:, None]
    counts = np.array([(~found.ignored).sum(axis=1) for found in truths.values()], dtype=np.int32)
    return Matches(
        num_images=len(image_ids),
        category_ids=category_ids,
        thresholds=THRESHOLDS,
        image=image.astype(np.int32),
        class_starts=np.searchsorted(classes, np.arange(len(category_ids) + 1)),
        matched=matched,
        ignored=ignored,
        truth_image=np.array([image_index for _, image_index in truths], dtype=np.int32),
        truth_class=np.array([class_index for class_index, _ in truths], dtype=np.int32),
        truth_counts=counts.reshape(-1, len(AREA_RANGES)).T,
        score=scores.astype(np.float32),
    )


def _best_of_each(
    image: np.ndarray, classes: np.ndarray, scores: np.ndarray
) -> tuple[np.ndarray, dict[tuple[int, int], np.ndarray]]:
    """Kept detections by class, then score, then image; and where among them those of a (class, image) are, by rank."""
    by_group = np.lexsort((-scores, image, classes))
    starts = np.flatnonzero(np.diff(classes[by_group] * (image.max(initial=0) + 1) + image[by_group], prepend=-1))
    sizes = np.diff(starts, append=len(by_group))
    rank = np.arange(len(by_group)) - np.repeat(starts, sizes)
    by_group = by_group[rank < MAX_DETECTIONS]
    order = np.lexsort((-scores[by_group], classes[by_group]))  # stable: images stay in order, and ranks within them
    position = np.empty(len(order), dtype=int)
    position[order] = np.arange(len(order))
    ends = np.cumsum(np.minimum(sizes, MAX_DETECTIONS))
    keys = zip(classes[by_group[ends - 1]].tolist(), image[by_group[ends - 1]].tolist(), strict=True)
    return by_group[order], dict(zip(keys, np.split(position, ends[:-1]), strict=True)) if len(ends) else {}


def _truths(
    ground_truth: dict[str, Any], image_ids: np.ndarray, category_ids: np.ndarray
) -> dict[tuple[int, int], _Truths]:
    """Ground truths by (class, image), in the order of the file."""
    image_index = {int(image): index for index, image in enumerate(image_ids)}
    class_index = {int(category): index for index, category in enumerate(category_ids)}
    groups: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for annotation in ground_truth["annotations"]:
        groups[class_index[annotation["category_id"]], image_index[annotation["image_id"]]].append(annotation)
    result = {}
    for key, members in groups.items():
        area = np.array([annotation["area"] for annotation in members])
        crowd = np.array([bool(annotation.get("iscrowd")) for annotation in members])
        ignored = crowd | (area < AREA_RANGES[:, :1]) | (area > AREA_RANGES[:, 1:])
        boxes = np.array([annotation["bbox"] for annotation in members], dtype=float)
        result[key] = _Truths(boxes, crowd, ignored)
    return result


def _match_group(
    boxes: np.ndarray, truths: _Truths, matched: np.ndarray, ignored: np.ndarray, members: np.ndarray
) -> None:
    """Match the detections of one class on one image (best first) and note it at `members`."""
    ious = np.asarray(coco_mask.iou(boxes, truths.boxes_xywh, truths.crowd.astype(np.uint8)))
    enough = np.minimum(THRESHOLDS, 1 - 1e-10)[:, None]
    free = np.ones((len(AREA_RANGES), len(THRESHOLDS), len(truths.crowd)), dtype=bool)
    counts = ~truths.ignored[:, None]  # (areas, 1, truths)
    areas, thresholds = np.ogrid[: len(AREA_RANGES), : len(THRESHOLDS)]
    for rank in np.flatnonzero(ious.max(axis=1) >= enough[0]):
        fits = free & (ious[rank] >= enough)  # (areas, thresholds, truths)
        regular = fits & counts
        fits = np.where(regular.any(axis=2, keepdims=True), regular, fits)
        found = fits.any(axis=2)
        best = fits.shape[2] - 1 - np.where(fits, ious[rank], -1.0)[:, :, ::-1].argmax(axis=2)
        matched[:, :, members[rank]] = found
        ignored[:, :, members[rank]] = found & truths.ignored[areas, best]
        free[areas, thresholds, best] &= ~found | truths.crowd[best]

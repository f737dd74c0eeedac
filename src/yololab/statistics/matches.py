"""What mAP on any choice of images needs of a run: which detections match, per class and area range, kept once."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import IO, Any

import numpy as np

from yololab.errors import YololabError

AREAS = ("all", "small", "medium", "large")
PACKED = ("matched", "ignored")


@dataclass(frozen=True, eq=False)
class Matches:
    """Detections of a run by class, best score first (ties: earlier image, then rank), with what they match."""

    num_images: int
    category_ids: np.ndarray
    """(classes,)"""
    thresholds: np.ndarray
    """(thresholds,) IoU"""
    image: np.ndarray
    """(detections,) index of the image, in the order of sorted image ids"""
    class_starts: np.ndarray
    """(classes + 1,) where each class begins among the detections"""
    matched: np.ndarray
    """(areas, thresholds, detections) bool, areas in the order of AREAS"""
    ignored: np.ndarray
    """(areas, thresholds, detections) bool"""
    truth_image: np.ndarray
    """(groups,) index of the image of each group of ground truths: those of one class on one image"""
    truth_class: np.ndarray
    """(groups,) index of the class"""
    truth_counts: np.ndarray
    """(areas, groups) how many count there: no crowds, none outside the area range"""
    score: np.ndarray | None = None
    """(detections,) confidences; runs of earlier versions have not kept them"""

    def save(self, path: Path | IO[bytes]) -> None:
        """Write as .npz, flags as bits."""
        content: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        content = {name: value for name, value in content.items() if value is not None}
        np.savez_compressed(path, **{**content, **{name: np.packbits(content[name], axis=-1) for name in PACKED}})

    @classmethod
    def load(cls, path: Path) -> Matches:
        """Read what `save` wrote. YololabError where the file is damaged."""
        try:
            with np.load(path, allow_pickle=False) as file:
                content: dict[str, Any] = {name: file[name] for name in file.files}
            for name in PACKED:
                content[name] = np.unpackbits(content[name], axis=-1, count=len(content["image"])).astype(bool)
            return cls(**{**content, "num_images": int(content["num_images"])})
        except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile) as error:
            raise YololabError(f"{path}: no readable matches ({str(error)[:200]})") from error


def matches_of_evaluator(evaluator: Any) -> Matches:
    """Matches from a pycocotools COCOeval after `evaluate()`, for boxes, masks or keypoints alike.

    Reads `evalImgs`, which lists classes, then area ranges, then images, None where an image has none of a class.
    """
    params = evaluator.params
    num_areas, num_images = len(params.areaRng), len(params.imgIds)
    image, scores, classes, matched, ignored = [], [], [], [], []
    truth_image, truth_class, truth_counts = [], [], []
    for class_index in range(len(params.catIds)):
        for image_index in range(num_images):
            first = class_index * num_areas * num_images + image_index
            cells = evaluator.evalImgs[first : first + num_areas * num_images : num_images]
            if cells[0] is None:
                continue
            count = len(cells[0]["dtScores"])
            image += [image_index] * count
            classes += [class_index] * count
            scores += list(cells[0]["dtScores"])
            matched.append(np.stack([cell["dtMatches"] for cell in cells]) != 0)
            ignored.append(np.stack([cell["dtIgnore"] for cell in cells]) != 0)
            truth_image.append(image_index)
            truth_class.append(class_index)
            truth_counts.append([int((np.asarray(cell["gtIgnore"]) == 0).sum()) for cell in cells])
    empty = [np.zeros((num_areas, len(params.iouThrs), 0), dtype=bool)]
    order = np.lexsort((-np.array(scores, dtype=float), np.array(classes, dtype=int)))  # stable: images stay in order
    return Matches(
        num_images=num_images,
        category_ids=np.array(params.catIds),
        thresholds=np.array(params.iouThrs),
        image=np.array(image, dtype=np.int32)[order],
        class_starts=np.searchsorted(np.array(classes, dtype=int)[order], np.arange(len(params.catIds) + 1)),
        matched=np.concatenate(empty + matched, axis=2)[:, :, order],
        ignored=np.concatenate(empty + ignored, axis=2)[:, :, order],
        truth_image=np.array(truth_image, dtype=np.int32),
        truth_class=np.array(truth_class, dtype=np.int32),
        truth_counts=np.array(truth_counts, dtype=np.int32).reshape(-1, num_areas).T,
        score=np.array(scores, dtype=np.float32)[order],
    )

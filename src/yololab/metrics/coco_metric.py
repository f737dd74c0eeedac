"""CocoMetric: a torchmetrics Metric whose numbers are pycocotools' own on the same detections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torchmetrics import Metric

from yololab.data.batch import Batch
from yololab.data.detection_data import DetectionData, ImageRecord
from yololab.data.letterbox import Letterbox
from yololab.metrics.coco_eval import PER_CLASS_NAMES, STAT_NAMES, CocoResult, evaluate
from yololab.metrics.mask_rle import encode_masks, ground_truth_masks
from yololab.metrics.names import number
from yololab.metrics.nms import Suppressed


@dataclass(frozen=True)
class Evaluation:
    """A CocoResult with what it was computed from."""

    result: CocoResult
    ground_truth: dict[str, Any]
    detections: np.ndarray
    """(n, 7) rows of image id, x, y, w, h, score, label + 1"""
    masks: CocoResult | None = None
    """The same for masks, where they are predicted"""
    mask_results: list[dict[str, Any]] | None = None
    """COCO results with RLE masks, in no particular order"""

    def per_class(self, classes: Sequence[str]) -> dict[str, dict[str, float]]:
        """The 9 numbers of PER_CLASS_NAMES by class."""
        return {
            name: {key: number(value) for key, value in zip(PER_CLASS_NAMES, numbers, strict=True)}
            for name, numbers in zip(classes, self.result.per_class, strict=True)
        }

    @property
    def metrics(self) -> dict[str, float]:
        """The 12 numbers by name, and those of the masks as mask_<name>; NaN where there was nothing to measure."""
        numbers = {name: number(value) for name, value in zip(STAT_NAMES, self.result.stats, strict=True)}
        if self.masks is not None:
            numbers |= {f"mask_{name}": number(v) for name, v in zip(STAT_NAMES, self.masks.stats, strict=True)}
        return numbers


class CocoMetric(Metric):
    """Collects detections in original pixels, over all ranks, and evaluates them against `data`."""

    full_state_update = False
    rows: list[Tensor]
    seen: list[Tensor]

    def __init__(self, data: DetectionData, backend: str = "hotcoco", with_masks: bool = False) -> None:
        super().__init__()
        self.data, self.backend, self.with_masks = data, backend, with_masks
        self.mask_results: list[dict[str, Any]] = []
        self.evaluation: Evaluation | None = None
        self.add_state("rows", default=[], dist_reduce_fx="cat")
        self.add_state("seen", default=[], dist_reduce_fx="cat")

    def update_with_masks(self, batch: Batch, found: Sequence[Suppressed], prototypes: Tensor | None) -> None:
        """Add a batch: its detections and, of a network that yields mask prototypes, its masks."""
        self.update(batch.indices, batch.letterboxes, found)
        if prototypes is None:
            return
        size = (batch.images.shape[-1], batch.images.shape[-2])
        for index, back, image, own in zip(batch.indices, batch.letterboxes, found, prototypes, strict=True):
            assert back is not None
            self.update_masks(index, image, encode_masks(image, own, back, size))

    def update(
        self, indices: Sequence[int], letterboxes: Sequence[Letterbox | None], found: Sequence[Suppressed]
    ) -> None:
        """Add images by their place in the data: detections in network pixels and the way back."""
        for index, back, image in zip(indices, letterboxes, found, strict=True):
            assert back is not None
            record = self.data.records[index]
            boxes = back.to_original(image.boxes_xyxy.cpu().numpy())
            rows = np.empty((len(boxes), 7))
            rows[:, 0] = record.image_id
            rows[:, 1:3], rows[:, 3:5] = boxes[:, :2], boxes[:, 2:] - boxes[:, :2]
            rows[:, 5], rows[:, 6] = image.scores.cpu().numpy(), image.labels.cpu().numpy() + 1
            rows = rows[rows[:, 6] <= len(self.data.classes)]  # classes that the data does not have
            self.rows.append(torch.from_numpy(rows).to(self._device_of_rows))
        self.seen.append(torch.tensor(indices, device=self.device))

    @property
    def _device_of_rows(self) -> torch.device:
        """Where ranks exchange them; Apple's devices know no float64."""
        return torch.device("cpu") if self.device.type == "mps" else self.device

    def update_masks(self, index: int, found: Suppressed, masks: Sequence[Any]) -> None:
        """Add one image's RLE masks, in the order of its detections."""
        image_id = self.data.records[index].image_id
        for mask, score, label in zip(masks, found.scores.tolist(), found.labels.tolist(), strict=True):
            if label >= len(self.data.classes):
                continue
            result = {"image_id": image_id, "category_id": label + 1, "score": score, "segmentation": mask}
            self.mask_results.append(result)

    def reset(self) -> None:
        """Forget all images."""
        super().reset()
        self.mask_results = []

    def compute(self) -> dict[str, float]:
        """The 12 numbers by name, of all images that were added on any rank; `evaluation` keeps the rest."""
        rows = _joined(self.rows, (0, 7)).cpu().numpy()
        seen = torch.unique(_joined(self.seen, (0,))).long().cpu().tolist()
        rows = rows[np.argsort(rows[:, 0], kind="stable")]
        truth = ground_truth([self.data.records[i] for i in seen], self.data.classes, self.with_masks)
        result = evaluate(truth, rows, backend=self.backend)
        masks, mask_results = None, None
        if self.with_masks:
            mask_results = _from_all_ranks(self.mask_results)
            masks = evaluate(truth, mask_results, "segm", self.backend)
        self.evaluation = Evaluation(result, truth, rows, masks, mask_results)
        return self.evaluation.metrics


def ground_truth(records: Sequence[ImageRecord], classes: Sequence[str], with_masks: bool = False) -> dict[str, Any]:
    """Records as a COCO dictionary; category ids are labels + 1."""
    annotations: list[dict[str, Any]] = []
    for record in records:
        masks = ground_truth_masks(record) if with_masks else None
        sides = record.boxes_xyxy[:, 2:] - record.boxes_xyxy[:, :2]
        for index in range(len(record)):
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": record.image_id,
                    "category_id": int(record.labels[index]) + 1,
                    "bbox": [*record.boxes_xyxy[index, :2].tolist(), *sides[index].tolist()],
                    "area": float(record.areas[index]),
                    "iscrowd": int(record.crowd[index]),
                    **({"segmentation": masks[index]} if masks is not None else {}),
                }
            )
    return {
        "info": {},
        "images": [{"id": r.image_id, "width": r.width, "height": r.height, "file_name": r.name} for r in records],
        "annotations": annotations,
        "categories": [{"id": label + 1, "name": name} for label, name in enumerate(classes)],
    }


def _from_all_ranks(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Results of all ranks, ordered by image so that their number changes nothing."""
    gathered: list[Any] = [results]
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        gathered = [None] * torch.distributed.get_world_size()
        torch.distributed.all_gather_object(gathered, results)
    return sorted((result for part in gathered for result in part), key=lambda result: result["image_id"])


def _joined(parts: list[Tensor] | Tensor, empty_shape: tuple[int, ...]) -> Tensor:
    if isinstance(parts, Tensor):
        return parts
    return torch.cat(parts) if parts else torch.zeros(empty_shape, dtype=torch.float64)

"""CocoMetric: a torchmetrics Metric whose numbers are pycocotools' own on the same detections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torchmetrics import Metric

from yololab.data.letterbox import Letterbox
from yololab.data.records import DetectionData, ImageRecord
from yololab.metrics.coco_eval import STAT_NAMES, CocoResult, evaluate
from yololab.metrics.nms import Suppressed


@dataclass(frozen=True)
class Evaluation:
    """A CocoResult with what it was computed from."""

    result: CocoResult
    ground_truth: dict[str, Any]
    detections: np.ndarray
    """(n, 7) rows of image id, x, y, w, h, score, label + 1"""

    @property
    def metrics(self) -> dict[str, float]:
        """The 12 numbers by name."""
        return dict(zip(STAT_NAMES, self.result.stats.tolist(), strict=True))


class CocoMetric(Metric):
    """Collects detections in original pixels, over all ranks, and evaluates them against `data`."""

    full_state_update = False
    rows: list[Tensor]
    seen: list[Tensor]

    def __init__(self, data: DetectionData, backend: str = "hotcoco") -> None:
        super().__init__()
        self.data, self.backend = data, backend
        self.evaluation: Evaluation | None = None
        self.add_state("rows", default=[], dist_reduce_fx="cat")
        self.add_state("seen", default=[], dist_reduce_fx="cat")

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
            self.rows.append(torch.from_numpy(rows).to(self.device))
        self.seen.append(torch.tensor(indices, device=self.device))

    def compute(self) -> dict[str, float]:
        """The 12 numbers by name, of all images that were added on any rank; `evaluation` keeps the rest."""
        rows = _joined(self.rows, (0, 7)).cpu().numpy()
        seen = torch.unique(_joined(self.seen, (0,))).long().cpu().tolist()
        rows = rows[np.argsort(rows[:, 0], kind="stable")]
        truth = ground_truth([self.data.records[i] for i in seen], self.data.classes)
        self.evaluation = Evaluation(evaluate(truth, rows, backend=self.backend), truth, rows)
        return self.evaluation.metrics


def ground_truth(records: Sequence[ImageRecord], classes: Sequence[str]) -> dict[str, Any]:
    """Records as a COCO dictionary; category ids are labels + 1."""
    annotations = []
    for record in records:
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
                }
            )
    return {
        "info": {},
        "images": [{"id": r.image_id, "width": r.width, "height": r.height, "file_name": r.name} for r in records],
        "annotations": annotations,
        "categories": [{"id": label + 1, "name": name} for label, name in enumerate(classes)],
    }


def _joined(parts: list[Tensor] | Tensor, empty_shape: tuple[int, ...]) -> Tensor:
    if isinstance(parts, Tensor):
        return parts
    return torch.cat(parts) if parts else torch.zeros(empty_shape, dtype=torch.float64)

"""COCO's evaluation through a chosen backend: hotcoco (Rust) by default, pycocotools as the judge. Same numbers."""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from typing import Any

import numpy as np

STAT_NAMES = (
    "mAP",
    "mAP50",
    "mAP75",
    "mAP_small",
    "mAP_medium",
    "mAP_large",
    "AR1",
    "AR10",
    "AR100",
    "AR_small",
    "AR_medium",
    "AR_large",
)
PER_CLASS_NAMES = ("AP", "AP50", "AP75", "AP_small", "AP_medium", "AP_large", "AR1", "AR10", "AR100")


@dataclass(frozen=True)
class CocoResult:
    """The 12 numbers, 9 per class, NaN where there is no ground truth to measure by, and the curves behind them."""

    stats: np.ndarray
    """(12,) in the order of STAT_NAMES"""
    per_class: np.ndarray
    """(classes, 9) in the order of PER_CLASS_NAMES"""
    precision: np.ndarray
    """(IoU thresholds, 101 recalls, classes, areas, detection limits), -1 where there is no ground truth"""
    evaluator: Any


def evaluate(
    ground_truth: dict[str, Any], detections: Any, iou_type: str = "bbox", backend: str = "hotcoco"
) -> CocoResult:
    """Evaluate detections against a COCO dictionary.

    `detections`: (n, 7) float64 rows of image id, x, y, w, h, score, category id, or COCO result dictionaries.
    """
    run = {"hotcoco": _run_hotcoco, "pycocotools": _run_pycocotools}[backend]
    with contextlib.redirect_stdout(io.StringIO()):
        evaluator = run(ground_truth, detections, iou_type)
    precision, recall = np.asarray(evaluator.eval["precision"]), np.asarray(evaluator.eval["recall"])
    stats = np.asarray(evaluator.stats, dtype=np.float64)
    stats = np.where(stats < 0, np.nan, stats)  # -1 in COCO's own evaluation
    return CocoResult(stats, _per_class(precision, recall), precision, evaluator)


def _run_hotcoco(ground_truth: dict[str, Any], detections: Any, iou_type: str) -> Any:
    import hotcoco

    truth = hotcoco.COCO(ground_truth)
    evaluator = hotcoco.COCOeval(truth, truth.load_res(detections), iou_type)
    evaluator.evaluate()
    evaluator.accumulate()
    evaluator.summarize()
    return evaluator


def _run_pycocotools(ground_truth: dict[str, Any], detections: Any, iou_type: str) -> Any:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truth: Any = COCO()
    truth.dataset = ground_truth
    truth.createIndex()
    found = truth.loadRes(detections) if len(detections) else _no_detections(COCO(), truth)
    evaluator = COCOeval(truth, found, iou_type)  # type: ignore[arg-type]
    evaluator.evaluate()
    evaluator.accumulate()
    evaluator.summarize()
    return evaluator


def _no_detections(empty: Any, truth: Any) -> Any:
    """pycocotools cannot load an empty list of results."""
    empty.dataset = {"images": truth.dataset["images"], "categories": truth.dataset["categories"], "annotations": []}
    empty.createIndex()
    return empty


def _per_class(precision: np.ndarray, recall: np.ndarray) -> np.ndarray:
    """The 9 numbers of each class: mean over what is defined, NaN where nothing is."""
    columns = [_mean(precision[:, :, :, 0, 2], axes=(0, 1))]
    columns += [_mean(precision[index, :, :, 0, 2], axes=(0,)) for index in (0, 5)]
    columns += [_mean(precision[:, :, :, size, 2], axes=(0, 1)) for size in (1, 2, 3)]
    columns += [_mean(recall[:, :, 0, limit], axes=(0,)) for limit in (0, 1, 2)]
    return np.stack(columns, axis=1)


def _mean(values: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    defined = values > -1
    count = defined.sum(axis=axes)
    total = np.where(defined, values, 0).sum(axis=axes)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)

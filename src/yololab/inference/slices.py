"""Large images in slices: supervision cuts, merges and suppresses; this hands it the detector.

Slicing aided inference: arXiv:2202.06934.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from yololab.errors import ConfigError, YololabError
from yololab.inference.loaded import Loaded, Thresholds
from yololab.inference.prediction import Prediction
from yololab.inference.sources import Frame


def sliced(
    model: Loaded, frames: Iterable[Frame], thresholds: Thresholds, side: int, overlap: float
) -> Iterator[tuple[Frame, Prediction]]:
    """Each frame with what is found in slices of `side` pixels that share `overlap` of it. YololabError where
    supervision is not installed, ConfigError for a side or an overlap that cannot be."""
    if side < 1 or not 0 <= overlap < 1:
        raise ConfigError(f"--slice {side} --overlap {overlap}: expected pixels, and a share from 0 to below 1")
    if model.card.masks:
        raise ConfigError("--slice: masks are not put together from slices; use a detector of boxes")
    try:
        import supervision
    except ImportError as error:
        raise YololabError("--slice needs supervision: pip install 'yololab[slice]'") from error

    def find(image: np.ndarray) -> supervision.Detections:
        [(_, found)] = model.stream([Frame("slice", np.ascontiguousarray(image))], thresholds)
        return found.to_supervision()

    iou = model.card.evaluation.iou if thresholds.iou is None else thresholds.iou
    shared = int(overlap * side)
    cut = supervision.InferenceSlicer(
        callback=find, slice_wh=(side, side), overlap_wh=(shared, shared), iou_threshold=iou, thread_workers=1
    )
    for frame in frames:
        found = cut(frame.image)
        if thresholds.class_agnostic:
            found = found.with_nms(threshold=iou, class_agnostic=True)
        yield frame, _prediction(frame, found, model, thresholds.max_detections)


def _prediction(frame: Frame, found: object, model: Loaded, most: int) -> Prediction:
    height, width = frame.image.shape[:2]
    scores = np.asarray(getattr(found, "confidence", None), np.float64).reshape(-1)
    order = np.argsort(-scores, kind="stable")[:most]
    boxes = np.asarray(found.xyxy, np.float64).reshape(-1, 4)[order]  # type: ignore[attr-defined]
    boxes = boxes.clip(0, [width, height, width, height])
    labels = np.asarray(found.class_id, np.int64).reshape(-1)[order]  # type: ignore[attr-defined]
    return Prediction(frame.name, width, height, boxes, scores[order], labels, model.classes)

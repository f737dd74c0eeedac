"""Whether an exported file, in its own runtime, computes what PyTorch does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from yololab.detector import Detector
from yololab.inference.backend import OPENERS, Backend
from yololab.inference.card import Card
from yololab.inference.export_options import ExportOptions
from yololab.inference.exported import Exported
from yololab.metrics.nms import NMSConfig

TOP = 300
"""Predictions of an image that are compared, the highest scores: boxes nobody would see may differ by more"""
TOLERANCE = {False: (0.1, 1e-3), True: (4.0, 0.03)}
"""Pixels of the input, and score, mask coefficient or prototype, that may differ; in float16 or not"""
LOST = {False: 0.0, True: 0.1}
"""Share of the objects that suppression may leave or take otherwise: float16 breaks ties its own way"""


@dataclass(frozen=True)
class Comparison:
    """How far a file is from PyTorch."""

    text: str
    fault: str | None
    """Why it is another network; None where it is the same but for rounding"""


def suppression_of(card: Card, options: ExportOptions) -> NMSConfig:
    """The suppression that a file ends in."""
    iou = card.evaluation.iou if options.iou is None else options.iou
    chosen = {"confidence": options.confidence, "iou": iou, "max_detections": options.max_detections}
    return replace(card.evaluation, multi_label=False, **chosen)


def compare(detector: Detector, card: Card, options: ExportOptions, path: Path, images: Tensor) -> Comparison:
    """Compare a file with the detector in float32 on images (B, 3, H, W); a dynamic one at a second size too."""
    backend, _ = OPENERS[path.suffix](path)
    suppression = suppression_of(card, options) if options.nms else None
    expected_of = Exported(detector.deploy().to("cpu"), suppression)
    batches = [images, *([_smaller(images, card.stride)] if options.dynamic else [])]
    found = [_difference(expected_of, backend, batch, card, options) for batch in batches]
    fault = next((one.fault for one in found if one.fault is not None), None)
    return Comparison("; ".join(dict.fromkeys(one.text for one in found)), fault)


def _smaller(images: Tensor, stride: int) -> Tensor:
    """One image, a stride narrower: whether a dynamic file is dynamic."""
    return images[:1, :, :, : max(stride, images.shape[3] - stride)]


@torch.inference_mode()
def _difference(
    expected_of: Exported, backend: Backend, images: Tensor, card: Card, options: ExportOptions
) -> Comparison:
    parts = [images[start : start + options.batch] for start in range(0, len(images), options.batch)]
    if options.nms:
        parts = [part for part in parts if len(part) == options.batch]
    expected, found = (_joined([one(part) for part in parts]) for one in (expected_of, backend.raw))
    if not all(torch.isfinite(part).all() for part in found):
        return Comparison("", "it yields numbers that are not finite")
    rows = _of_rows if options.nms else _of_points
    compared = rows(expected, found, options)
    if not card.masks or compared.fault is not None:
        return compared
    apart = float((expected[-1] - found[-1]).abs().max() / expected[-1].abs().max().clamp(min=1))
    fault = None if apart <= TOLERANCE[options.half][1] else f"mask prototypes are {apart:.2g} apart"
    return Comparison(f"{compared.text}, prototypes within {apart:.1g}", fault)


def _joined(parts: Sequence[Sequence[Tensor]]) -> list[Tensor]:
    return [torch.cat(list(one)) for one in zip(*parts, strict=True)]


def _of_points(expected: Sequence[Tensor], found: Sequence[Tensor], options: ExportOptions) -> Comparison:
    """Boxes, scores and mask coefficients of the highest-scoring points."""
    scores = expected[1]
    best = scores.amax(dim=2).topk(min(TOP, scores.shape[1]), dim=1).indices[..., None]

    def apart(place: int) -> float:
        first, second = expected[place], found[place]
        return float((first - second).gather(1, best.expand(-1, -1, first.shape[2])).abs().max())

    pixels, others = apart(0), [apart(1), *([apart(2)] if len(expected) > 2 else [])]
    text = f"boxes within {pixels:.2g} px, scores within {others[0]:.1g}"
    limits = TOLERANCE[options.half]
    good = pixels <= limits[0] and all(other <= limits[1] for other in others)
    if len(others) > 1:
        text += f", mask coefficients within {others[1]:.1g}"
    return Comparison(text, None if good else f"{text}, where {limits[0]} and {limits[1]} are rounding")


def _of_rows(expected: Sequence[Tensor], found: Sequence[Tensor], options: ExportOptions) -> Comparison:
    """Objects after suppression: each must be found again, and none more; those at the threshold may come or go."""
    limits = TOLERANCE[options.half]
    clear = options.confidence + limits[1]
    compared = lost = 0
    pixels = others = 0.0
    for ours, theirs in zip(expected[0], found[0], strict=True):
        for first, second in ((ours, theirs), (theirs, ours)):
            for row in first[first[:, 4] > clear]:
                compared += 1
                apart = _nearest(row, second)
                if apart is None or apart[0] > limits[0] or apart[1] > limits[1]:
                    lost += 1
                else:
                    pixels, others = max(pixels, apart[0]), max(others, apart[1])
    if not compared:
        return Comparison(f"no object above {clear:.3g} in them, so its suppression was not put to the test", None)
    text = f"{compared // 2} objects, boxes within {pixels:.2g} px, scores within {others:.1g}"
    allowed = LOST[options.half] * compared
    return Comparison(text, None if lost <= allowed else f"{lost} of {compared} objects are not found again")


def _nearest(row: Tensor, others: Tensor) -> tuple[float, float] | None:
    """Pixels, and the largest difference of score and mask coefficients, to the nearest object of the class."""
    same = others[(others[:, 4] > 0) & (others[:, 5] == row[5])]
    if not len(same):
        return None
    pixels = (same[:, :4] - row[:4]).abs().amax(dim=1)
    nearest = same[pixels.argmin()]
    rest = torch.cat((nearest[4:5] - row[4:5], nearest[6:] - row[6:])).abs().max()
    return float(pixels.min()), float(rest)

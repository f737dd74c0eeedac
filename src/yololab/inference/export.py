"""`export`: a trained detector in a format of others, compared with PyTorch on images before it is handed over."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from yololab.assemble import make_parts
from yololab.data import ShapesSource
from yololab.data.batch import normalised
from yololab.data.sample import load_image
from yololab.detector import Detector
from yololab.errors import ConfigError, RunFailed, YololabError, did_you_mean
from yololab.inference.backend import OPENERS, Backend
from yololab.inference.card import Card
from yololab.inference.export_formats import FORMATS, NAMES, WEIGHTS, Prepared
from yololab.inference.exported import Exported
from yololab.inference.loaded import Loaded, inputs_of
from yololab.inference.sources import Frame
from yololab.inference.weights_file import write_weights

CHECK_IMAGES = 4
TOP = 300
"""Predictions of an image that are compared, the highest scores: boxes nobody would see may differ by more"""
TOLERANCE = {False: (0.1, 1e-3), True: (4.0, 0.03)}
"""Pixels of the input and score that may differ; in float16 or not"""


@dataclass(frozen=True)
class ExportOptions:
    """How a detector is exported."""

    nms: bool = False
    """Whether the file ends in suppression, by `confidence`, `iou` and `max_detections`"""
    confidence: float = 0.25
    iou: float | None = None
    """None: as the run was judged"""
    max_detections: int = 300
    half: bool = False
    """Whether it computes in float16; inputs and outputs stay float32"""
    dynamic: bool = False
    """Whether batch, height and width are free; height and width stay multiples of the stride"""
    batch: int = 1
    """Images at a time, where it is not dynamic"""


@dataclass(frozen=True)
class Written:
    """An exported file, and how far it is from PyTorch."""

    path: Path
    checked: str
    """One sentence: on what, and how far; or why it was not compared"""


def export(model: Loaded, kind: str, path: Path, options: ExportOptions) -> Written:
    """Write `model` as a format of FORMATS. ConfigError for what cannot be asked for, YololabError where a tool is
    missing, RunFailed where the file does not compute what PyTorch does: it is then removed."""
    if kind not in NAMES:
        raise ConfigError(f"format={kind}: expected one of {', '.join(NAMES)}{did_you_mean(kind, NAMES)}")
    detector = model.detector
    if detector is None:
        raise ConfigError(f"{model.card.name}: exported already; export the run that it came from")
    _require_possible(kind, options)
    if kind == WEIGHTS:
        path = path.with_suffix(f".{WEIGHTS}")
        count = write_weights(model, path)
        return Written(path, f"{count} tensors; weights={path} starts another training from them")
    chosen = FORMATS[kind]
    path = path.with_suffix(chosen.suffix)
    card = _card(model.card, options)
    frames, where = _images(model.card)
    batch = _inputs(frames, card, options)
    network = _network(detector, card, options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of exporters and runtimes, about themselves
        chosen.write(Prepared(network, batch[: options.batch], card, options.dynamic, options.half), path)
        if chosen.cannot_check is not None:
            return Written(path, f"not compared with PyTorch: {chosen.cannot_check}")
        found = _check(detector, card, options, path, batch)
    if found.fault is not None:
        path.unlink(missing_ok=True)
        raise RunFailed(f"{path}: does not compute what PyTorch does ({found.fault}), and was removed")
    return Written(path, f"compared with PyTorch on {len(batch)} {where}: {found.text}")


def _require_possible(kind: str, options: ExportOptions) -> None:
    if options.batch < 1:
        raise ConfigError(f"batch={options.batch}: expected at least 1")
    if kind == WEIGHTS and options != ExportOptions():
        raise ConfigError(f"format={WEIGHTS}: weights in training form, for which there is nothing to choose")
    if options.nms and options.dynamic:
        raise ConfigError("nms and dynamic: suppression inside needs a fixed size; leave out one of them")
    if options.dynamic and options.batch != 1:
        raise ConfigError("batch and dynamic: a dynamic file takes any batch; leave out batch")
    if options.dynamic and kind in ("torchscript", "coreml"):
        raise ConfigError(f"dynamic: {kind} is made by tracing one size; onnx, openvino and tensorrt can")
    if not 0 <= options.confidence <= 1 or not 0 <= (options.iou or 0) <= 1:
        raise ConfigError("confidence and iou: expected numbers from 0 to 1")


def _card(card: Card, options: ExportOptions) -> Card:
    batch = None if options.dynamic else options.batch
    return replace(card, batch=batch, fixed=not options.dynamic, nms=options.nms)


def _network(detector: Detector, card: Card, options: ExportOptions) -> Exported:
    """In deploy form on the CPU; the size that it is traced with is that of the images."""
    iou = card.evaluation.iou if options.iou is None else options.iou
    suppression = replace(
        card.evaluation,
        confidence=options.confidence,
        iou=iou,
        max_detections=options.max_detections,
        multi_label=False,
    )
    deployed = detector.deploy().to("cpu")
    return Exported(deployed, suppression if options.nms else None, options.half)


def _images(card: Card) -> tuple[list[Frame], str]:
    """Images to compare on: of the run's validation split, or embedded scenes where that cannot be read."""
    try:
        data = make_parts(card.config).source.read("val")
        places = np.linspace(0, len(data.records) - 1, min(CHECK_IMAGES, len(data.records))).round().astype(int)
        frames = [Frame(data.records[i].name, load_image(data.records[i])) for i in dict.fromkeys(places.tolist())]
        if frames:
            return frames, "images of its validation split"
    except YololabError:
        pass
    scenes = ShapesSource(train=1, val=CHECK_IMAGES, size=card.image_size).read("val")
    return [Frame(record.name, load_image(record)) for record in scenes.records], "embedded scenes (its data is away)"


def _inputs(frames: Sequence[Frame], card: Card, options: ExportOptions) -> Tensor:
    """Squares, so that all fit one batch; at least as many as the file takes."""
    square = replace(card, fixed=True)
    images = normalised(torch.stack([item.image for item in inputs_of(frames, square)]))
    least = max(options.batch, 2 if options.dynamic else 1)
    return images.repeat(-(-least // len(images)), 1, 1, 1) if len(images) < least else images


@dataclass(frozen=True)
class _Found:
    text: str
    fault: str | None


def _check(detector: Detector, card: Card, options: ExportOptions, path: Path, images: Tensor) -> _Found:
    backend, read = OPENERS[path.suffix](path)
    assert read.classes == card.classes
    expected_of = _network(detector, card, replace(options, half=False))
    texts, fault = [], None
    for batch in [images, *([_smaller(images, card.stride)] if options.dynamic else [])]:
        pixels, scores = _difference(expected_of, backend, batch, options)
        limits = TOLERANCE[options.half]
        texts.append(f"boxes within {pixels:.2g} px, scores within {scores:.1g}")
        if not (pixels <= limits[0] and scores <= limits[1]):
            fault = f"{texts[-1]}, where {limits[0]} and {limits[1]} are rounding"
    return _Found("; ".join(dict.fromkeys(texts)), fault)


def _smaller(images: Tensor, stride: int) -> Tensor:
    """One image, a stride narrower: whether a dynamic file is dynamic."""
    return images[:1, :, :, : max(stride, images.shape[3] - stride)]


@torch.inference_mode()
def _difference(expected_of: Exported, backend: Backend, images: Tensor, options: ExportOptions) -> tuple[float, float]:
    """Largest difference of a coordinate and of a score among the highest-scoring predictions."""
    parts = [images[start : start + options.batch] for start in range(0, len(images), options.batch)]
    if options.nms:
        parts = [part for part in parts if len(part) == options.batch]
        expected = torch.cat([expected_of(part)[0] for part in parts])
        found = torch.cat([backend.raw(part)[0] for part in parts])
        return _of_rows(expected, found)
    boxes, scores = expected_of(images)[:2]
    got = backend.raw(images)
    best = scores.amax(dim=2).topk(min(TOP, scores.shape[1]), dim=1).indices[..., None]
    pixels = (boxes - got[0]).gather(1, best.expand(-1, -1, 4)).abs().max()
    return float(pixels), float((scores - got[1]).gather(1, best.expand(-1, -1, scores.shape[2])).abs().max())


def _of_rows(expected: Tensor, found: Tensor) -> tuple[float, float]:
    """Of suppressed rows: each is compared with the nearest of the same class; one without any differs by its score."""
    pixels, scores = 0.0, 0.0
    for ours, theirs in zip(expected, found, strict=True):
        for first, second in ((ours, theirs), (theirs, ours)):
            for row in first[first[:, 4] > 0]:
                same = second[(second[:, 4] > 0) & (second[:, 5] == row[5])]
                if not len(same):
                    scores = max(scores, float(row[4]))
                    continue
                apart = (same[:, :4] - row[:4]).abs().amax(dim=1)
                pixels = max(pixels, float(apart.min()))
                scores = max(scores, float((same[apart.argmin(), 4] - row[4]).abs()))
    return pixels, scores

"""`export`: a trained detector in a format of others, compared with PyTorch on images before it is handed over."""

from __future__ import annotations

import shutil
import tempfile
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
from yololab.inference.card import Card
from yololab.inference.export_check import compare, suppression_of
from yololab.inference.export_formats import FORMATS, NAMES, WEIGHTS, Prepared
from yololab.inference.export_options import ExportOptions
from yololab.inference.exported import Exported
from yololab.inference.loaded import Loaded, inputs_of
from yololab.inference.sources import Frame
from yololab.inference.weights_file import write_weights

CHECK_IMAGES = 4


@dataclass(frozen=True)
class Written:
    """An exported file, and how far it is from PyTorch."""

    path: Path
    checked: str
    """One sentence: on what, and how far; or why it was not compared"""


def export(model: Loaded, kind: str, path: Path, options: ExportOptions) -> Written:
    """Write `model` as a format of FORMATS. ConfigError for what cannot be asked for, YololabError where a tool is
    missing, RunFailed where the file does not compute what PyTorch does: an earlier one then stays."""
    if kind not in NAMES:
        raise ConfigError(f"format={kind}: expected one of {', '.join(NAMES)}{did_you_mean(kind, NAMES)}")
    detector = model.detector
    if detector is None:
        raise ConfigError(f"{model.card.name}: exported already; export the run that it came from")
    _require_possible(kind, options)
    if kind == WEIGHTS:
        path = _place(path, f".{WEIGHTS}")
        count = write_weights(model, path)
        return Written(path, f"{count} tensors; weights={path} starts another training from them")
    chosen = FORMATS[kind]
    path = _place(path, chosen.suffix)
    card = _card(model.card, options)
    frames, where = _images(model.card)
    batch = _inputs(frames, card, options)
    network = _network(detector, card, options)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".export-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of exporters and runtimes, about themselves
        fresh = Path(folder) / path.name
        chosen.write(Prepared(network, batch[: options.batch], card, options.dynamic, options.half), fresh)
        if chosen.cannot_check is not None:
            text = f"not compared with PyTorch: {chosen.cannot_check}"
        else:
            found = compare(detector, card, options, fresh, batch)
            if found.fault is not None:
                raise RunFailed(f"{path}: does not compute what PyTorch does ({found.fault}), and was not kept")
            text = f"compared with PyTorch on {len(batch)} {where}: {found.text}"
        _move(Path(folder), path.parent)
    return Written(path, text)


def _place(path: Path, suffix: str) -> Path:
    """With the format's ending, whatever other dots there are; in a folder, under a name of its own."""
    if path.is_dir() and path.suffix != suffix:
        path = path / "model"
    return path if path.suffix == suffix else path.with_name(path.name + suffix)


def _move(folder: Path, to: Path) -> None:
    """Put what was written and compared in the place of what was there before."""
    for entry in sorted(folder.iterdir()):
        target = to / entry.name
        if entry.is_dir() and target.is_dir():
            shutil.rmtree(target)
        entry.replace(target)


def _require_possible(kind: str, options: ExportOptions) -> None:
    for name, value in (("batch", options.batch), ("max_detections", options.max_detections)):
        if value < 1:
            raise ConfigError(f"{name}={value}: expected at least 1")
    plain = ExportOptions()
    if not options.nms and (options.confidence, options.iou) != (plain.confidence, plain.iou):
        raise ConfigError("confidence and iou: of the suppression that nms puts inside; without nms there is none")
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
    least = options.confidence if options.nms else 0.0
    return replace(card, batch=batch, fixed=not options.dynamic, nms=options.nms, least=least)


def _network(detector: Detector, card: Card, options: ExportOptions) -> Exported:
    """In deploy form on the CPU, its weights in the order of memory that other formats know."""
    deployed = detector.deploy().to("cpu", memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    return Exported(deployed, suppression_of(card, options) if options.nms else None, options.half)


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
    images = normalised(torch.stack([item.image for item in inputs_of(frames, square)])).contiguous()
    least = max(options.batch, 2 if options.dynamic else 1)
    return images.repeat(-(-least // len(images)), 1, 1, 1) if len(images) < least else images

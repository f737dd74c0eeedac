"""Judging a detector again: on the data of its run, on another split, or on other data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from yololab.assemble import answering_by, make_parts
from yololab.data.batch import normalised
from yololab.data.detection_data import DetectionData
from yololab.data.eval_loader import eval_loader
from yololab.errors import ConfigError, DataError, did_you_mean
from yololab.inference.backend import TorchBackend, suppressed
from yololab.inference.card import Card
from yololab.inference.loaded import Loaded, on_pytorch, only_classes
from yololab.inference.settings import changed
from yololab.metrics.coco_metric import CocoMetric, Evaluation
from yololab.metrics.nms import Suppressed
from yololab.statistics.matcher import match_detections
from yololab.statistics.operating_point import operating_point

SPLITS = ("train", "val", "test")


@dataclass(frozen=True)
class Validation:
    """What a detector is worth on a split."""

    split: str
    images: int
    objects: int
    metrics: Mapping[str, float]
    """COCO's 12 numbers, precision, recall and F1, as in a run's record; NaN where nothing can be measured"""
    per_class: Mapping[str, Mapping[str, float]]
    data: DetectionData = field(repr=False)
    evaluation: Evaluation = field(repr=False)


def validate(model: Loaded, overrides: Sequence[str] = (), split: str | None = None) -> Validation:
    """Judge `model` as its run was judged; on the run's own data and split that gives the record's very numbers.

    `overrides` name other data (data=yolo data.root=...) or thresholds (recipe.evaluation.iou=0.6). Classes are matched
    by name. ConfigError or DataError where the data do not fit.
    """
    if split is not None and split not in SPLITS:
        raise ConfigError(f"split={split}: expected one of {', '.join(SPLITS)}{did_you_mean(split, SPLITS)}")
    config = changed(model.card.config, [overrides] if isinstance(overrides, str) else overrides)
    card = replace(model.card, config=config)
    _require_possible(model.card, card, is_file=model.detector is None)
    source = make_parts(config).source
    name = split or source.final
    data = source.read(name)
    if not any((~record.crowd).any() for record in data.records):
        raise DataError(f"data: the {name} split has no object in any of its images, so nothing can be judged")
    places = label_map(model.classes, data.classes)
    if model.detector is not None:  # in training form, as its run was judged: folding would round otherwise
        device = model.backend.device if isinstance(model.backend, TorchBackend) else torch.device("cpu")
        with answering_by(model.detector, config):
            evaluation = _evaluate(on_pytorch(model, device, deploy=False), card, data, places)
    else:
        evaluation = _evaluate(model, card, data, places)
    found = operating_point(match_detections(evaluation.ground_truth, evaluation.detections))
    metrics = {**evaluation.metrics, **(found.metrics() if found else {})}
    per_class = evaluation.per_class(data.classes)
    objects = sum(int((~record.crowd).sum()) for record in data.records)
    return Validation(name, len(data.records), objects, metrics, per_class, data, evaluation)


def _require_possible(own: Card, asked: Card, is_file: bool) -> None:
    """ConfigError where a file cannot be judged as asked, or at all."""
    if is_file and own.evaluation.nms != asked.evaluation.nms:
        raise ConfigError(
            f"recipe.evaluation.nms={asked.evaluation.nms}: {own.name} holds the branch for {own.evaluation.nms}; "
            "judge the run"
        )
    if own.nms:
        raise ConfigError(
            f"{own.name}: was exported with nms, from confidence {own.least} on and one class a box, so its mAP would "
            "be of another kind; judge the run, or a file without nms"
        )
    if asked.image_size % asked.stride:
        raise ConfigError(f"image_size={asked.image_size}: expected a multiple of {asked.stride}")
    was, is_ = (card.config["recipe"]["evaluation"]["rectangular"] for card in (own, asked))
    if own.fixed and (asked.image_size != own.image_size or (is_ and not was)):
        raise ConfigError(f"{own.name}: takes squares of {own.image_size} alone; export it with --dynamic")


def label_map(known: Sequence[str], wanted: Sequence[str]) -> np.ndarray:
    """For each of the detector's labels that of the data, by name, or -1. ConfigError where a class is not known."""
    missing = [name for name in wanted if name not in known]
    if missing:
        listed = ", ".join(known[:20]) + ", ..." * (len(known) > 20)
        raise ConfigError(
            f"data: the detector does not know {', '.join(missing)}; it knows {listed}. Data of its own classes can be "
            "judged, or of some of them"
        )
    return np.array([wanted.index(name) if name in wanted else -1 for name in known])


@torch.inference_mode()
def _evaluate(model: Loaded, card: Card, data: DetectionData, places: np.ndarray) -> Evaluation:
    evaluation = card.config["recipe"]["evaluation"]
    metric = CocoMetric(data, evaluation["backend"], card.masks)
    mapping = torch.from_numpy(places)
    known = np.flatnonzero(places >= 0).tolist()
    wanted = known if len(known) < len(places) else None  # others must not fill the limit of an image
    loader = eval_loader(
        data,
        evaluation=evaluation,
        image_size=card.image_size,
        batch_size=int(card.config["recipe"]["batch_size"]),
        stride=card.stride,
        rectangular=card.rectangular,
        cache=False,
    )
    for batch in loader:
        images = normalised(batch.images)
        raw = only_classes(model.backend.raw(images), wanted, card)
        remaining, prototypes = suppressed(raw, card, card.evaluation)
        remaining = [_mapped(one, mapping) for one in remaining]
        metric.update_with_masks(batch, remaining, prototypes)
    metric.compute()
    assert metric.evaluation is not None
    return metric.evaluation


def _mapped(found: Suppressed, mapping: torch.Tensor) -> Suppressed:
    """Labels as the data has them; classes that it does not have are left out."""
    if torch.equal(mapping, torch.arange(len(mapping))):
        return found
    labels = mapping.to(found.labels.device)[found.labels]
    kept = labels >= 0
    coefficients = None if found.mask_coefficients is None else found.mask_coefficients[kept]
    return Suppressed(found.boxes_xyxy[kept], found.scores[kept], labels[kept], coefficients)

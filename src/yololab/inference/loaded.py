"""A trained detector that finds objects, whatever file it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import torch
from torch import Tensor

from yololab.data.batch import normalised
from yololab.data.dataset import EvalDataset, Item
from yololab.data.detection_data import DetectionData, ImageRecord
from yololab.data.problems import ProblemLog
from yololab.data.rectangles import rectangular_batches
from yololab.data.sample import decode_rle
from yololab.detector import Detector
from yololab.errors import ConfigError, did_you_mean
from yololab.inference.backend import Backend, TorchBackend, suppressed
from yololab.inference.card import Card
from yololab.inference.prediction import Prediction
from yololab.inference.sources import Frame
from yololab.metrics.mask_rle import encode_masks
from yololab.metrics.nms import NMSConfig

MOST_WITH_MASKS = 4
"""Images at a time: their masks are held at the size of the image"""


@dataclass(frozen=True)
class Thresholds:
    """What is shown of what is found."""

    confidence: float = 0.25
    """Least score, in [0, 1]"""
    iou: float | None = None
    """Overlap from which the lower score goes, in [0, 1]; None: as the run was judged"""
    classes: Sequence[str | int] | str | None = None
    """The only classes wanted, by name or label"""
    max_detections: int = 300
    class_agnostic: bool = False
    """Whether objects of different classes suppress each other"""

    def __post_init__(self) -> None:
        for name, value in (("confidence", self.confidence), ("iou", self.iou)):
            if value is not None and not 0 <= value <= 1:
                raise ConfigError(f"{name}={value}: expected a number from 0 to 1")
        if self.max_detections < 1:
            raise ConfigError(f"max_detections={self.max_detections}: expected at least 1")


class Loaded:
    """A trained detector on what computes it.

    `detector` is the network in training form, as its run was judged; None for an exported file.
    """

    def __init__(self, backend: Backend, card: Card, detector: Detector | None = None) -> None:
        self.backend, self.card, self.detector = backend, card, detector

    @property
    def classes(self) -> tuple[str, ...]:
        """Names, in the order of their labels."""
        return self.card.classes

    def stream(
        self, frames: Iterable[Frame], thresholds: Thresholds, batch_size: int = 16
    ) -> Iterator[tuple[Frame, Prediction]]:
        """What is found in any number of frames, `batch_size` at a time, each with its frame, in order.

        ConfigError for a threshold that a file which ends in suppression cannot keep.
        """
        if batch_size < 1:
            raise ConfigError(f"batch={batch_size}: expected at least 1")
        if self.card.masks:
            batch_size = min(batch_size, MOST_WITH_MASKS)
        self._require_possible(thresholds)
        iou = self.card.evaluation.iou if thresholds.iou is None else thresholds.iou
        config = NMSConfig(
            thresholds.confidence, iou, thresholds.max_detections, False, thresholds.class_agnostic,
            self.card.evaluation.nms,
        )  # fmt: skip
        wanted = self._labels(thresholds.classes)
        waiting = iter(frames)
        while chunk := list(islice(waiting, batch_size)):
            yield from zip(chunk, self._chunk(chunk, config, wanted), strict=True)

    def _require_possible(self, thresholds: Thresholds) -> None:
        if self.card.evaluation.nms == "none" and (thresholds.iou is not None or thresholds.class_agnostic):
            raise ConfigError(
                f"iou, class_agnostic: {self.card.name} finds every object once, so nothing is suppressed"
            )
        if not self.card.nms:
            return
        if thresholds.confidence < self.card.least:
            raise ConfigError(
                f"confidence={thresholds.confidence}: {self.card.name} was exported with nms and finds nothing below "
                f"{self.card.least}; export it with a lower confidence, or without nms"
            )
        if thresholds.iou is not None or thresholds.class_agnostic:
            raise ConfigError(f"iou, class_agnostic: {self.card.name} was exported with nms, which has its own")

    def _labels(self, names: Sequence[str | int] | str | None) -> list[int] | None:
        if names is None:
            return None
        found = []
        for name in [names] if isinstance(names, str) else names:
            if isinstance(name, int) and 0 <= name < len(self.classes):
                found.append(name)
            elif name in self.classes:
                found.append(self.classes.index(str(name)))
            else:
                near = did_you_mean(str(name), self.classes)
                raise ConfigError(f"classes: {name!r} is none of the detector's{near}")
        return found

    def _chunk(self, chunk: Sequence[Frame], config: NMSConfig, wanted: list[int] | None) -> list[Prediction]:
        items = inputs_of(chunk, self.card)
        found: dict[int, Prediction] = {}
        for shape in dict.fromkeys(tuple(item.image.shape) for item in items):
            alike = [item for item in items if tuple(item.image.shape) == shape]
            images = normalised(torch.stack([item.image for item in alike]))
            raw = only_classes(self.backend.raw(images), wanted, self.card)
            remaining, prototypes = suppressed(raw, self.card, config)
            for row, (item, one) in enumerate(zip(alike, remaining, strict=True)):
                back = item.letterbox
                assert back is not None
                masks = None
                if prototypes is not None:
                    encoded = encode_masks(one, prototypes[row], back, (shape[2], shape[1]))
                    masks = np.array([decode_rle(mask) for mask in encoded], bool)
                    masks = masks.reshape(len(encoded), back.height, back.width)
                frame = chunk[item.index]
                boxes = back.to_original(one.boxes_xyxy.cpu().numpy().reshape(-1, 4))
                scores, labels = one.scores.double().cpu().numpy(), one.labels.cpu().numpy()
                found[item.index] = Prediction(
                    frame.name, back.width, back.height, boxes, scores, labels, self.classes, masks, frame.number
                )
        return [found[index] for index in range(len(chunk))]


def inputs_of(frames: Sequence[Frame], card: Card) -> list[Item]:
    """Network inputs of images, made as those that the run was judged on."""
    records = [_record(index, frame) for index, frame in enumerate(frames)]
    data = DetectionData(card.classes, tuple(records), ProblemLog())
    sizes = None
    if card.rectangular:
        sizes = [rectangular_batches([record], card.image_size, card.stride, 1)[1][0] for record in records]
    dataset = EvalDataset(data, image_size=card.image_size, sizes=sizes, shrink=card.shrink, cache=False)
    return [dataset[index] for index in range(len(records))]


def _record(index: int, frame: Frame) -> ImageRecord:
    height, width = frame.image.shape[:2]
    none = np.zeros(0)
    return ImageRecord(
        index, frame.name, None, width, height, none.reshape(0, 4), none.astype(int), none.astype(bool), none,
        pixels=frame.image,
    )  # fmt: skip


def only_classes(raw: Sequence[Tensor], wanted: Sequence[int] | None, card: Card) -> list[Tensor]:
    """What a network yields, without the classes that nobody wants."""
    found = list(raw)
    if wanted is None:
        return found
    labels = torch.tensor(list(wanted), device=found[0].device)
    if card.nms:
        rows = found[0].clone()
        rows[..., 4] *= torch.isin(rows[..., 5].long(), labels)
        found[0] = torch.stack([image[image[:, 4].argsort(descending=True, stable=True)] for image in rows])
    else:
        kept = torch.zeros_like(found[1])
        kept[..., labels] = found[1][..., labels]
        found[1] = kept
    return found


def on_pytorch(loaded: Loaded, device: torch.device, deploy: bool = True) -> Loaded:
    """The same detector on a device, in deploy form or as it was trained."""
    assert loaded.detector is not None
    network = loaded.detector.deploy() if deploy else loaded.detector
    precision = str(loaded.card.config["recipe"]["precision"])
    return Loaded(TorchBackend(network, device, precision), replace(loaded.card), loaded.detector)

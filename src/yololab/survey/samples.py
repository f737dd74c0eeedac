"""Pictures of a data set: labelled images, and a batch as training will see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cv2
import numpy as np

from yololab.data.augment import AugmentConfig
from yololab.data.dataset import EpochSampler, Item, TrainDataset
from yololab.data.detection_data import DetectionData, ImageRecord
from yololab.data.sample import draw_mask, load_image
from yololab.errors import YololabError
from yololab.run.drawing import draw_boxes, tinted

SHOWN = 16
SIDE = 360
"""Longer side of a picture, in pixels"""


def labelled(data: DetectionData, count: int = SHOWN) -> list[tuple[str, np.ndarray]]:
    """Names and pictures (H, W, 3, BGR) of images spread evenly over those that have an object."""
    filled = [record for record in data.records if len(record)] or list(data.records)
    places = np.linspace(0, len(filled) - 1, min(count, len(filled))).round().astype(int)
    pictures = []
    for place in dict.fromkeys(places.tolist()):
        record = filled[place]
        try:
            pictures.append((record.name, _drawn(load_image(record), record, data)))
        except YololabError:  # changed or gone since it was checked
            continue
    return pictures


def _drawn(image: np.ndarray, record: ImageRecord, data: DetectionData) -> np.ndarray:
    if record.masks is not None:
        masks = [
            (draw_mask(m, record, image.shape[:2]), int(n)) for m, n in zip(record.masks, record.labels, strict=True)
        ]
        image = tinted(image, masks, data.classes)
    names = [data.classes[label] for label in record.labels]
    return draw_boxes(image, record.boxes_xyxy, record.labels, names, data.classes, SIDE)


def augmented(data: DetectionData, config: Mapping[str, Any], augment: AugmentConfig, count: int) -> list[np.ndarray]:
    """The first images (H, W, 3, BGR) that a run of `config` would train on, with their labels."""
    dataset = TrainDataset(
        data,
        image_size=config["image_size"],
        seed=config["seed"],
        epochs=config["recipe"]["epochs"],
        augment=augment,
        close_mosaic=config["recipe"]["close_mosaic"],
        cache=False,
    )
    sampler = EpochSampler(len(dataset), config["seed"])
    keys = [key for key, _ in zip(sampler, range(count), strict=False)]
    return [_of_item(dataset[key], data) for key in keys]


def _of_item(item: Item, data: DetectionData) -> np.ndarray:
    image = np.ascontiguousarray(item.image.permute(1, 2, 0).numpy()[:, :, ::-1])
    names = [data.classes[label] for label in item.labels]
    return draw_boxes(image, item.boxes_xyxy, item.labels, names, data.classes, SIDE)


def jpeg(picture: np.ndarray) -> bytes:
    """Its bytes."""
    return cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, 82))[1].tobytes()

"""Pictures within a page: an image with boxes, with a map over it, as a data URI."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import cv2
import numpy as np

from yololab.data.detection_data import ImageRecord
from yololab.run.drawing import draw_boxes, resized

SIDE = 400
"""Longer side of a picture, in pixels"""
QUALITY = (cv2.IMWRITE_JPEG_QUALITY, 82)


def data_uri(image: np.ndarray) -> str:
    """(H, W, 3) BGR uint8 as the address of a JPEG."""
    stream = cv2.imencode(".jpg", image, QUALITY)[1]
    return "data:image/jpeg;base64," + base64.b64encode(stream.tobytes()).decode()


def with_labels(image: np.ndarray, record: ImageRecord, classes: Sequence[str]) -> str:
    """The image with its labels."""
    names = [str(classes[label]) for label in record.labels]
    return data_uri(draw_boxes(image, record.boxes_xyxy, record.labels, names, classes, SIDE))


def with_detections(image: np.ndarray, rows: np.ndarray, classes: Sequence[str]) -> str:
    """The image with detections, rows of x, y, width, height, score, label in pixels of the image."""
    boxes = np.concatenate((rows[:, :2], rows[:, :2] + rows[:, 2:4]), axis=1)
    labels = rows[:, 5].astype(int)
    texts = [f"{classes[label]} {score:.2f}" for label, score in zip(labels, rows[:, 4], strict=True)]
    return data_uri(draw_boxes(image, boxes, labels, texts, classes, SIDE))


def with_map(image: np.ndarray, values: np.ndarray) -> str:
    """The image, grey, under a map of any size in [0, 1]: dark violet is low, yellow is high."""
    picture, _ = resized(image, SIDE)
    size = (picture.shape[1], picture.shape[0])
    shades = (255 * cv2.resize(values.astype(np.float32), size)).astype(np.uint8)
    coloured = cv2.applyColorMap(shades, cv2.COLORMAP_VIRIDIS)
    grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    return data_uri(cv2.addWeighted(grey, 0.45, coloured, 0.55, 0))

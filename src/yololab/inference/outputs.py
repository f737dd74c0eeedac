"""Predictions as files: pictures, videos, JSON, CSV, labels in YOLO's format; one folder, nothing overwritten."""

from __future__ import annotations

import csv
import io
import json
import urllib.parse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from yololab.errors import ConfigError, did_you_mean
from yololab.files import write_text
from yololab.inference.prediction import Prediction
from yololab.inference.sources import Frame
from yololab.run.drawing import JPEG_QUALITY, LEAST_SIDE, draw_boxes, tinted
from yololab.study.formats import harmless

KINDS = ("pictures", "json", "csv", "yolo")
COLUMNS = ("image", "frame", "class", "label", "score", "x1", "y1", "x2", "y2")
USUAL_RATE = 25.0
"""Frames a second of a video that does not say its own"""


def new_folder(base: Path) -> Path:
    """Make `base`, or base-2, base-3, ... where that exists."""
    base.parent.mkdir(parents=True, exist_ok=True)
    for number in range(1, 10_000):
        folder = base if number == 1 else base.with_name(f"{base.name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise ConfigError(f"{base}: 9,999 folders of predictions are enough")


class Outputs:
    """Writes what is wanted of each frame into a new folder, `base` or base-2, ..., made for the first one.

    Close it: what was found until then is kept whole.
    """

    def __init__(self, base: Path, kinds: Sequence[str]) -> None:
        for kind in kinds:
            if kind not in KINDS:
                raise ConfigError(f"--save {kind}: expected some of {','.join(KINDS)}{did_you_mean(kind, KINDS)}")
        self.kinds = tuple(kinds)
        self.folder: Path | None = None
        """Where it writes; None before the first frame"""
        self._base = base
        self._found: list[dict[str, Any]] = []
        self._stems: dict[str, str] = {}
        self._taken: set[str] = set()
        self._video: cv2.VideoWriter | None = None
        self._video_of = ""
        self._rows: list[list[Any]] = []

    def __enter__(self) -> Outputs:
        return self

    def __exit__(self, *_: object) -> None:
        if self._video is not None:
            self._video.release()
        if self.folder is None:
            return
        if "csv" in self.kinds:
            text = io.StringIO()
            csv.writer(text).writerows([COLUMNS, *self._rows])
            write_text(self.folder / "predictions.csv", text.getvalue())
        if "json" in self.kinds:
            write_text(self.folder / "predictions.json", json.dumps(self._found, indent=1) + "\n")

    def add(self, frame: Frame, found: Prediction) -> None:
        """Write one frame's predictions."""
        folder = self.folder = self.folder or new_folder(self._base)
        objects = found.to_dicts()
        if "json" in self.kinds:
            place = {} if frame.number is None else {"frame": frame.number}
            size = {"width": found.width, "height": found.height}
            self._found.append({"image": frame.name, **place, **size, "objects": objects})
        number = "" if frame.number is None else frame.number
        for one in objects:
            box = [f"{value:.2f}" for value in one["box"].values()]
            texts = [harmless(frame.name), number, harmless(one["class"])]
            self._rows.append([*texts, one["label"], f"{one['score']:.4f}", *box])
        stem = self._stem(frame)
        if "yolo" in self.kinds:
            path = folder / "labels" / f"{stem}.txt"
            path.parent.mkdir(exist_ok=True)
            path.write_text(_yolo(found), encoding="utf-8")
        if "pictures" in self.kinds:
            self._draw(frame, found, folder, stem)

    def _draw(self, frame: Frame, found: Prediction, folder: Path, stem: str) -> None:
        picture = drawn(frame.image, found)
        if frame.number is None:
            cv2.imwrite(str(folder / f"{stem}.jpg"), picture, JPEG_QUALITY)
            return
        if self._video is None or self._video_of != frame.name:
            if self._video is not None:
                self._video.release()
            path = folder / f"{self._stem_of(frame.name)}.mp4"
            rate = frame.rate if 0 < frame.rate < 1000 else USUAL_RATE
            size = (picture.shape[1], picture.shape[0])
            self._video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), rate, size)
            self._video_of = frame.name
        self._video.write(picture)

    def _stem(self, frame: Frame) -> str:
        if frame.number is None:
            return self._stem_of(frame.name)
        return f"{self._stem_of(frame.name)}_{frame.number:06d}"

    def _stem_of(self, name: str) -> str:
        """A file's name for an image's: its own stem, with a number where two images share it."""
        if name not in self._stems:
            place = urllib.parse.urlparse(name).path if "://" in name else name
            stem = (
                "".join(c if c.isalnum() or c in "._-" else "_" for c in Path(place).stem)[:100].strip(".") or "image"
            )
            free = stem
            for number in range(2, len(self._taken) + 3):
                if free.lower() not in self._taken:
                    break
                free = f"{stem}-{number}"
            self._taken.add(free.lower())
            self._stems[name] = free
        return self._stems[name]


def drawn(image: np.ndarray, found: Prediction) -> np.ndarray:
    """A copy of `image` (H, W, 3, BGR) with what was found in it, at its own size or large enough for captions."""
    if found.masks is not None:
        image = tinted(image, list(zip(found.masks, found.labels.tolist(), strict=True)), found.classes)
    texts = [f"{name} {score:.2f}" for name, score in zip(found.names, found.scores, strict=True)]
    side = max(LEAST_SIDE, *image.shape[:2])
    return draw_boxes(image, found.boxes_xyxy, found.labels, texts, found.classes, side)


def _yolo(found: Prediction) -> str:
    """A line per object: label, centre and size relative to the image, score."""
    boxes = found.boxes_xyxy / np.array([found.width, found.height] * 2)
    center, size = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    rows = zip(found.labels, np.concatenate((center, size), axis=1), found.scores, strict=True)
    return "".join(f"{label} {' '.join(f'{v:.6f}' for v in box)} {score:.4f}\n" for label, box, score in rows)

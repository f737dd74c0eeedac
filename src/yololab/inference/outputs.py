"""Predictions as files: pictures, videos, JSON, CSV, labels in YOLO's format; one folder, nothing overwritten."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from yololab.errors import ConfigError, DataError, did_you_mean
from yololab.files import write_text
from yololab.inference.prediction import Prediction
from yololab.inference.sources import Frame
from yololab.run.drawing import JPEG_QUALITY, LEAST_SIDE, draw_boxes, tinted
from yololab.study.formats import harmless

KINDS = ("pictures", "json", "csv", "yolo", "yolo_scores")
"""`yolo` is as labels are read; yolo_scores has the score as a sixth number"""
COLUMNS = ("image", "frame", "class", "label", "score", "x1", "y1", "x2", "y2")
LONGEST = 100
"""Bytes of a file's name, without its ending"""
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
        for one in objects if "csv" in self.kinds else ():
            box = [f"{value:.2f}" for value in one["box"].values()]
            texts = [harmless(frame.name), number, harmless(one["class"])]
            self._rows.append([*texts, one["label"], f"{one['score']:.4f}", *box])
        stem = self._stem(frame)
        if "yolo" in self.kinds or "yolo_scores" in self.kinds:
            name = stem if frame.number is None else f"{stem}/{frame.number:06d}"
            path = folder / "labels" / f"{name}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_yolo(found, "yolo_scores" in self.kinds), encoding="utf-8")
        if "pictures" in self.kinds:
            self._draw(frame, found, folder, stem)

    def _draw(self, frame: Frame, found: Prediction, folder: Path, stem: str) -> None:
        picture = drawn(frame.image, found)
        if frame.number is None:
            if not cv2.imwrite(str(folder / f"{stem}.jpg"), picture, JPEG_QUALITY):
                raise DataError(f"{folder / stem}.jpg: could not be written; is the disk full?")
            return
        if self._video is None or self._video_of != stem:
            if self._video is not None:
                self._video.release()
            path = folder / f"{stem}.mp4"
            rate = frame.rate if 0 < frame.rate < 1000 else USUAL_RATE
            size = (picture.shape[1], picture.shape[0])
            self._video = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), rate, size)
            if not self._video.isOpened():
                raise DataError(f"{path}: could not be written; is the disk full?")
            self._video_of = stem
        self._video.write(picture)

    def _stem(self, frame: Frame) -> str:
        """A file's name for an image or a video: its own stem, with a number where that is taken.

        A video that comes again, from its first frame on, is another one.
        """
        if frame.number and frame.name in self._stems:
            return self._stems[frame.name]
        place = frame.name.split("?")[0] if "://" in frame.name else frame.name
        plain = "".join(c if c.isalnum() or c in "._-" else "_" for c in Path(place).stem)
        stem = free = plain.encode()[:LONGEST].decode(errors="ignore").strip(".") or "image"
        for number in range(2, len(self._taken) + 3):
            if free.lower() not in self._taken:
                break
            free = f"{stem}-{number}"
        self._taken.add(free.lower())
        self._stems[frame.name] = free
        return free


def drawn(image: np.ndarray, found: Prediction) -> np.ndarray:
    """A copy of `image` (H, W, 3, BGR) with what was found in it, at its own size or large enough for captions."""
    if found.masks is not None:
        image = tinted(image, list(zip(found.masks, found.labels.tolist(), strict=True)), found.classes)
    texts = [f"{name} {score:.2f}" for name, score in zip(found.names, found.scores, strict=True)]
    side = max(LEAST_SIDE, *image.shape[:2])
    return draw_boxes(image, found.boxes_xyxy, found.labels, texts, found.classes, side)


def _yolo(found: Prediction, scores: bool) -> str:
    """A line per object: label, centre and size relative to the image, and the score if wanted."""
    boxes = found.boxes_xyxy / np.array([found.width, found.height] * 2)
    center, size = (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
    ends = (f" {score:.4f}\n" if scores else "\n" for score in found.scores)
    rows = zip(found.labels, np.concatenate((center, size), axis=1), ends, strict=True)
    return "".join(f"{label} {' '.join(f'{v:.6f}' for v in box)}{end}" for label, box, end in rows)

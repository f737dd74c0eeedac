"""YOLO txt: data.yaml names classes and image folders; labels/<name>.txt has a line per object.

"class cx cy w h" is a box, "class x1 y1 x2 y2 x3 y3 ..." (an even number of at least six coordinates) a polygon, all
normalised to the image. A file may hold both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from omegaconf import OmegaConf

from yololab.data.checks import check_boxes, check_image
from yololab.data.detection_data import DetectionData, ImageRecord
from yololab.data.problems import ProblemLog
from yololab.data.source import DataSource
from yololab.errors import DataError

IMAGE_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})


@dataclass(frozen=True)
class Line:
    """One object: a normalised polygon where the line has one, and its box (cx, cy, w, h)."""

    label: int
    box: tuple[float, float, float, float]
    polygon: np.ndarray | None
    number: int


class YOLOSource(DataSource):
    """Reads `root`, a data.yaml or the folder that holds it."""

    def __init__(
        self,
        root: str,
        train: str = "train",
        val: str = "val",
        on_error: str = "drop",
        classes: Sequence[str] = (),
        test: str = "test",
        final: str = "val",
    ) -> None:
        super().__init__(classes, on_error, final)
        path = Path(root)
        self.file = path if path.suffix in (".yaml", ".yml") else path / "data.yaml"
        self.splits = {"train": train, "val": val, "test": test}
        self._content: Mapping[str, Any] | None = None

    @property
    def content(self) -> Mapping[str, Any]:
        """The parsed data.yaml."""
        if self._content is None:
            if not self.file.is_file():
                raise DataError(f"data.root: {self.file} does not exist; expected a data.yaml or a folder with one")
            loaded = OmegaConf.to_container(OmegaConf.load(self.file))
            if not isinstance(loaded, dict) or "names" not in loaded:
                raise DataError(f"{self.file}: expected `names` with the class names")
            self._content = {str(key): value for key, value in loaded.items()}
        return self._content

    @property
    def num_classes(self) -> int:
        """Number of classes named in data.yaml."""
        if not self.classes:
            names = self.content["names"]
            ordered = [names[key] for key in sorted(names)] if isinstance(names, dict) else names
            self.classes = tuple(str(name) for name in ordered)
        return len(self.classes)

    def read(self, split: str) -> DetectionData:
        """Read the split that the configuration names as "train", "val" or "test"."""
        num_classes = self.num_classes
        log = ProblemLog(self.on_error)
        records, seen = [], set()
        for path in self._images(self.splits[split]):
            if path in seen:
                log.add("duplicated id", path, 0, "the image is listed twice")
                continue
            seen.add(path)
            size = check_image(path, log)
            if size is not None:
                records.append(_record(path, len(records), size, num_classes, log))
        log.settle(f"{self.file} ({split})")
        return DetectionData(self.classes, tuple(records), log)

    def _images(self, key: str) -> list[Path]:
        """Image files of a split, sorted: folders, list files, or several of either."""
        if key not in self.content:
            raise DataError(f"{self.file}: expected a key {key!r}; it has {', '.join(self.content)}")
        base = Path(str(self.content.get("path") or self.file.parent))
        base = base if base.is_absolute() else self.file.parent / base
        entries = self.content[key]
        found: list[Path] = []
        for entry in entries if isinstance(entries, list) else [entries]:
            place = Path(str(entry)) if Path(str(entry)).is_absolute() else base / str(entry)
            if place.is_dir():
                found += sorted(p for p in place.rglob("*") if p.suffix.lower() in IMAGE_ENDINGS)
            elif place.is_file():
                lines = [line.strip() for line in place.read_text().splitlines() if line.strip()]
                found += [Path(line) if Path(line).is_absolute() else place.parent / line for line in lines]
            else:
                raise DataError(f"{self.file}: {key}: {place} is neither a folder of images nor a list of them")
        return found


def label_path(image: Path) -> Path:
    """Where the labels of an image lie: the last folder called images becomes labels, the ending .txt."""
    parts = list(image.parts)
    for index in range(len(parts) - 2, -1, -1):
        if parts[index] == "images":
            parts[index] = "labels"
            break
    return Path(*parts).with_suffix(".txt")


def _record(path: Path, image_id: int, size: tuple[int, int], num_classes: int, log: ProblemLog) -> ImageRecord:
    width, height = size
    file = label_path(path)
    lines = _lines(file, log)
    boxes_cxcywh = np.array([line.box for line in lines], dtype=np.float64).reshape(-1, 4) * np.array(
        [width, height] * 2
    )
    half = boxes_cxcywh[:, 2:] / 2
    boxes = np.concatenate((boxes_cxcywh[:, :2] - half, boxes_cxcywh[:, :2] + half), axis=1)
    labels = [line.label for line in lines]
    checked = check_boxes(
        boxes, labels, size=size, num_classes=num_classes, file=file, lines=[line.number for line in lines], log=log
    )
    kept = [lines[row] for row in checked.kept]
    has_masks = bool(kept) and all(line.polygon is not None for line in kept)
    masks = tuple([line.polygon * (width, height)] for line in kept if line.polygon is not None) if has_masks else None
    return ImageRecord(
        image_id=image_id,
        name=path.name,
        path=path,
        width=width,
        height=height,
        boxes_xyxy=checked.boxes_xyxy,
        labels=np.array(labels, dtype=np.int64)[checked.kept],
        crowd=np.zeros(len(kept), dtype=bool),
        areas=(checked.boxes_xyxy[:, 2:] - checked.boxes_xyxy[:, :2]).prod(axis=1),
        masks=masks,
    )


def _lines(file: Path, log: ProblemLog) -> list[Line]:
    """Objects of a label file; an absent file is an image without objects."""
    if not file.is_file():
        return []
    found: list[Line] = []
    seen: set[str] = set()
    for number, text in enumerate(file.read_text().splitlines(), 1):
        if not text.strip():
            continue
        if text in seen:
            log.add("duplicated label", file, number, f"line {text.strip()!r} stands twice")
            continue
        seen.add(text)
        line = _parse(text, number, file, log)
        if line is not None:
            found.append(line)
    return found


def _parse(text: str, number: int, file: Path, log: ProblemLog) -> Line | None:
    try:
        values = [float(word) for word in text.split()]
        label = int(values[0])
    except (ValueError, OverflowError):
        log.add("unreadable label", file, number, f"{text.strip()!r} is not a row of numbers")
        return None
    if label != values[0] or label < 0:
        log.add("wrong class", file, number, f"class {values[0]} is not a whole number from 0")
        return None
    coordinates = values[1:]
    if len(coordinates) == 4:
        return Line(label, tuple(coordinates), None, number)  # type: ignore[arg-type]
    if len(coordinates) >= 6 and len(coordinates) % 2 == 0:
        polygon = np.array(coordinates).reshape(-1, 2)
        low, high = polygon.min(axis=0), polygon.max(axis=0)
        box = (*((low + high) / 2).tolist(), *(high - low).tolist())
        return Line(label, box, polygon, number)
    expected = "4 coordinates of a box or an even number, at least 6, of a polygon"
    log.add("unreadable label", file, number, f"expected {expected}, got {len(coordinates)}")
    return None

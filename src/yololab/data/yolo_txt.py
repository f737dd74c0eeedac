"""YOLO txt: data.yaml names classes and image folders; labels/<name>.txt has a line per object.

"class cx cy w h" is a box, "class x1 y1 x2 y2 x3 y3 ..." (an even number of at least six coordinates) a polygon, all
normalised to the image. A file may hold both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from yololab.data.checks import ImageFile, ImageFiles, check_boxes
from yololab.data.data_yaml import names_of, paths_of, read_data_yaml
from yololab.data.detection_data import DetectionData, ImageRecord
from yololab.data.mask_checks import why_no_polygon
from yololab.data.problems import ProblemLog
from yololab.data.source import DataSource
from yololab.data.text import read_lines
from yololab.data.yolo_labels import Line, label_path, read_labels
from yololab.errors import DataError

IMAGE_ENDINGS = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff"})
YAML_ENDINGS = (".yaml", ".yml")


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
        folder_of = [path / f"data{ending}" for ending in YAML_ENDINGS]
        found = next((file for file in folder_of if file.is_file()), folder_of[0])
        self.file = path if path.suffix.lower() in YAML_ENDINGS else found
        self.splits = {"train": train, "val": val, "test": test}
        self._content: Mapping[str, Any] | None = None

    @property
    def content(self) -> Mapping[str, Any]:
        """The parsed data.yaml."""
        if self._content is None:
            if not self.file.is_file():
                raise DataError(f"data.root: {self.file} does not exist; expected a data.yaml or a folder with one")
            self._content = read_data_yaml(self.file)
        return self._content

    @property
    def num_classes(self) -> int:
        """Number of classes named in data.yaml."""
        if not self.classes:
            self.classes = names_of(self.content, self.file)
        return len(self.classes)

    def read(self, split: str) -> DetectionData:
        """Read the split that the configuration names as "train", "val" or "test"."""
        num_classes = self.num_classes
        log = ProblemLog(self.on_error)
        paths = self._images(self.splits[split], log)
        files = ImageFiles(paths, log)
        records = []
        for path in paths:
            file = files.check(path)
            record = file and _record(file, len(records), num_classes, log)
            if record is not None:
                records.append(record)
        if paths:
            log.advice = f"labels were looked for at {label_path(paths[0])}"
        log.settle(f"{self.file} ({split})")
        return DetectionData(self.classes, tuple(records), log)

    def _images(self, key: str, log: ProblemLog) -> list[Path]:
        """Image files of a split, each once: folders, sorted, list files, or several of either."""
        found: dict[Path, Path] = {}
        for place in paths_of(self.content, key, self.file):
            listed = _in_folder(place) if place.is_dir() else _in_list(place, log)
            for path, line in listed:
                same = Path(*_resolved_parts(path))
                if same in found:
                    log.add("duplicated id", place if line else path, line, f"the image is listed twice: {path}")
                found.setdefault(same, path)
        return list(found.values())


def _in_folder(folder: Path) -> list[tuple[Path, int]]:
    return [(path, 0) for path in sorted(folder.rglob("*")) if path.suffix.lower() in IMAGE_ENDINGS]


def _in_list(file: Path, log: ProblemLog) -> list[tuple[Path, int]]:
    """Images that a list names, with their lines; those that are not there are noted here."""
    if file.suffix.lower() in IMAGE_ENDINGS:
        raise DataError(f"{file}: an image; expected a folder of images or a list of them")
    found = []
    for number, line in read_lines(file):
        path = Path(line) if Path(line).is_absolute() else file.parent / line
        if path.suffix.lower() in IMAGE_ENDINGS and len(path.name) < 256 and path.is_file():
            found.append((path, number))
        else:
            log.add("missing image", file, number, f"no such image: {line}")
    return found


def _resolved_parts(path: Path) -> list[str]:
    """Without . and .., whatever links say."""
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return parts


def _record(file: ImageFile, image_id: int, num_classes: int, log: ProblemLog) -> ImageRecord | None:
    """None, with a note, where its labels cannot be read: its objects must not pass for background."""
    labels_file = label_path(file.path)
    try:
        lines = _with_sound_polygons(read_labels(labels_file, log), file.size, labels_file, log)
    except DataError as error:
        log.add("unreadable label", labels_file, 0, f"{error}; its image is left out")
        return None
    log.objects += len(lines)
    boxes_cxcywh = np.array([line.box for line in lines], dtype=np.float64).reshape(-1, 4)
    with np.errstate(invalid="ignore", over="ignore"):
        boxes_cxcywh *= np.array(file.size * 2)
        half = boxes_cxcywh[:, 2:] / 2
        boxes = np.concatenate((boxes_cxcywh[:, :2] - half, boxes_cxcywh[:, :2] + half), axis=1)
    labels, numbers = [line.label for line in lines], [line.number for line in lines]
    checked = check_boxes(
        boxes, labels, size=file.size, num_classes=num_classes, file=labels_file, lines=numbers, log=log
    )
    kept = [lines[row] for row in checked.kept]
    has_masks = bool(kept) and all(line.polygon is not None for line in kept)
    masks = tuple([line.polygon * file.size] for line in kept if line.polygon is not None) if has_masks else None
    return ImageRecord(
        image_id=image_id,
        name=file.path.name,
        path=file.path,
        width=file.size[0],
        height=file.size[1],
        boxes_xyxy=checked.boxes_xyxy,
        labels=np.array(labels, dtype=np.int64)[checked.kept],
        crowd=np.zeros(len(kept), dtype=bool),
        areas=(checked.boxes_xyxy[:, 2:] - checked.boxes_xyxy[:, :2]).prod(axis=1),
        masks=masks,
        content=file.content,
        bits=file.bits,
        look=file.look,
    )


def _with_sound_polygons(lines: list[Line], size: tuple[int, int], file: Path, log: ProblemLog) -> list[Line]:
    """Without polygons that no image of this size can hold; those outside of it are left to the check of boxes."""
    kept = []
    for line in lines:
        wrong = None
        if line.polygon is not None and np.isfinite(line.polygon).all():
            with np.errstate(over="ignore"):
                wrong = why_no_polygon(line.polygon * size, size)
        if wrong and "outside" not in wrong:
            log.add("unreadable label", file, line.number, wrong)
        else:
            kept.append(line)
    return kept

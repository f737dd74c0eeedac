"""Pascal VOC: Annotations/*.xml, JPEGImages, ImageSets/Main/<split>.txt."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from yololab.data.checks import ImageFile, ImageFiles, check_boxes
from yololab.data.detection_data import DetectionData, ImageRecord
from yololab.data.problems import ProblemLog
from yololab.data.source import DataSource, checked_classes, require_folder, require_test
from yololab.data.text import in_either_capitals, read_lines
from yololab.data.voc_xml import VOCAnnotation, VOCObject, read_voc_xml
from yololab.errors import DataError

IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
FLAGGED = re.compile(r"(.*\S)\s+(-1|0|1)")
"""A line of a list for one class: name, and whether the class is in the image"""


class VOCSource(DataSource):
    """Reads a VOC folder. `one_based` takes 1 off the corner, as the VOC devkit counts pixels from 1.

    Without `classes`, all that the training annotations name are taken, in alphabetical order.
    Objects marked `difficult` become crowd regions: neither found nor missed, and not trained on.
    """

    def __init__(
        self,
        root: str,
        classes: Sequence[str] | None = None,
        train: str = "train",
        val: str = "val",
        on_error: str = "drop",
        one_based: bool = False,
        test: str | None = None,
        final: str = "val",
    ) -> None:
        super().__init__(classes or (), on_error, final)
        self.root, self.one_based = Path(root), one_based
        self.splits = {"train": train, "val": val, "test": test}
        self._parsed: dict[Path, VOCAnnotation] = {}

    @property
    def num_classes(self) -> int:
        """Number of classes, read from the training annotations where the configuration has none."""
        if not self.classes:
            names, listing = set(), self._listing("train")
            for name in self._listed(listing, ProblemLog()):
                with contextlib.suppress(DataError, OSError):
                    names |= {found.name for found in self._read_xml(self._xml(name)).objects if not found.wrong}
            if not names:
                raise DataError(f"{listing}: no annotation in {self.root / 'Annotations'} names a class")
            self.classes = checked_classes(sorted(names), f"classes of {self.root / 'Annotations'}")
        return len(self.classes)

    def read(self, split: str) -> DetectionData:
        """Read the split that the configuration names as "train", "val" or "test"."""
        if split == "test":
            require_test(self.splits[split])
        listing = self._listing(split)
        _ = self.num_classes  # which reads them where they are not given
        log = ProblemLog(self.on_error, advice=f"annotations were looked for in {self.root / 'Annotations'}")
        paths = self._listed(listing, log)
        files = ImageFiles(list(paths.values()), log)
        records = []
        for name, path in paths.items():
            file = files.check(path)
            record = file and self._record(name, file, len(records), log)
            if record is not None:
                records.append(record)
        log.settle(str(listing))
        return DetectionData(self.classes, tuple(records), log)

    def _listing(self, split: str) -> Path:
        require_folder(self.root, "a Pascal VOC folder with Annotations, JPEGImages and ImageSets/Main")
        listing = self.root / "ImageSets" / "Main" / f"{self.splits.get(split, split)}.txt"
        if not listing.is_file():
            found = sorted(path.stem for path in listing.parent.glob("*.txt")) if listing.parent.is_dir() else []
            raise DataError(f"{listing} does not exist; splits found there: {', '.join(found) or 'none'}")
        return listing

    def _xml(self, name: str) -> Path:
        return in_either_capitals(self.root / "Annotations" / f"{name}.xml")

    def _read_xml(self, path: Path) -> VOCAnnotation:
        """Parsed once: classes and objects are both in it."""
        if path not in self._parsed:
            self._parsed[path] = read_voc_xml(path)
        return self._parsed[path]

    def _listed(self, listing: Path, log: ProblemLog) -> dict[str, Path]:
        """Images that a list names, each once."""
        found: dict[str, Path] = {}
        images = _ImageFolder(self.root / "JPEGImages")
        for number, line in read_lines(listing):
            flagged = FLAGGED.fullmatch(line)
            name = flagged.group(1) if flagged and not images.holds(line) else line
            name = name.removeprefix("./")
            if name.startswith("/") or ".." in name.split("/"):
                log.add("missing image", listing, number, f"{name} lies outside of {images.folder}")
                continue
            path = images.path(name)
            name = path.relative_to(images.folder).with_suffix("").as_posix() if images.holds(name) else name
            if name in found:
                log.add("duplicated id", listing, number, f"{name} is listed twice")
                continue
            found[name] = path
        return found

    def _record(self, name: str, file: ImageFile, image_id: int, log: ProblemLog) -> ImageRecord | None:
        """None, with a note, where its annotation cannot be read: its objects must not pass for background."""
        xml_path = self._xml(name)
        annotation = self._annotation(xml_path, file.size, log)
        if annotation is None:
            return None
        rows = self._sound(annotation.objects, xml_path, log)
        corner = 1.0 if self.one_based else 0.0
        boxes = np.array([row.box for row in rows], dtype=np.float64).reshape(-1, 4) - [corner, corner, 0, 0]
        labels = [self.classes.index(row.name) for row in rows]
        lines = [row.line for row in rows]
        checked = check_boxes(
            boxes, labels, size=file.size, num_classes=len(self.classes), file=xml_path, lines=lines, log=log
        )
        return ImageRecord(
            image_id=image_id,
            name=name,
            path=file.path,
            width=file.size[0],
            height=file.size[1],
            boxes_xyxy=checked.boxes_xyxy,
            labels=np.array(labels, dtype=np.int64)[checked.kept],
            crowd=np.array([row.difficult for row in rows], dtype=bool)[checked.kept],
            areas=(checked.boxes_xyxy[:, 2:] - checked.boxes_xyxy[:, :2]).prod(axis=1),
            content=file.content,
            bits=file.bits,
            look=file.look,
        )

    def _annotation(self, xml_path: Path, size: tuple[int, int], log: ProblemLog) -> VOCAnnotation | None:
        if not xml_path.exists():
            log.add("missing annotation", xml_path, 0, "no such file; the image counts as empty", "kept")
            return VOCAnnotation(None, ())
        try:
            found = self._read_xml(xml_path)
        except DataError as error:
            log.add("unreadable annotation", xml_path, 0, f"{error}; its image is left out")
            return None
        if found.size not in (None, size):
            log.add("size mismatch", xml_path, 0, f"it says {found.size}, the image has {size}; it is left out")
            return None
        return found

    def _sound(self, objects: Sequence[VOCObject], xml_path: Path, log: ProblemLog) -> list[VOCObject]:
        """Objects of a known class, each once; the others are noted."""
        kept: list[VOCObject] = []
        seen = set()
        log.objects += len(objects)
        for found in objects:
            if found.wrong:
                log.add("unreadable annotation", xml_path, found.line, found.wrong)
            elif found.name not in self.classes:
                expected = ", ".join(self.classes)
                log.add("wrong class", xml_path, found.line, f"{found.name!r:.200}, expected one of {expected}")
                log.other_classes[found.name] += 1
            elif (found.name, found.box) in seen:
                log.add("duplicated label", xml_path, found.line, f"{found.name} at {found.box} stands twice")
            else:
                seen.add((found.name, found.box))
                kept.append(found)
        return kept


class _ImageFolder:
    """Finds images by name, whatever their ending and its capitals."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._by_name: dict[str, Path] = {}
        for path in sorted(folder.rglob("*"), key=_by_ending) if folder.is_dir() else ():
            if path.suffix.lower() in IMAGE_ENDINGS:
                inner = path.relative_to(folder)
                self._by_name.setdefault(inner.with_suffix("").as_posix(), path)
                self._by_name.setdefault(inner.as_posix(), path)

    def holds(self, name: str) -> bool:
        """Whether there is an image of that name, with or without its ending."""
        return name in self._by_name

    def path(self, name: str) -> Path:
        """The image of that name; the .jpg path where there is none."""
        return self._by_name.get(name, self.folder / f"{name}.jpg")


def _by_ending(path: Path) -> tuple[int, Path]:
    ending = path.suffix.lower()
    return IMAGE_ENDINGS.index(ending) if ending in IMAGE_ENDINGS else len(IMAGE_ENDINGS), path

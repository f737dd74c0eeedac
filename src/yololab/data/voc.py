"""Pascal VOC: an XML file an image, as the devkit lays them out or with a folder a split."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from yololab.data.checks import ImageFile, ImageFiles, check_boxes
from yololab.data.detection_data import DetectionData, ImageRecord
from yololab.data.problems import ProblemLog
from yololab.data.source import DataSource, checked_classes, require_test
from yololab.data.voc_layout import Devkit, SplitFolders, layout_of
from yololab.data.voc_xml import VOCAnnotation, VOCObject, read_voc_xml
from yololab.errors import DataError


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
            layout, listing, names = self._layout, self._listing("train"), set()
            for entry in layout.entries(listing, ProblemLog()).values():
                with contextlib.suppress(DataError, OSError):
                    names |= {found.name for found in self._read_xml(entry.xml).objects if not found.wrong}
            if not names:
                raise DataError(f"{listing}: no annotation in {layout.annotations} names a class")
            self.classes = checked_classes(sorted(names), f"classes of {layout.annotations}")
        return len(self.classes)

    def read(self, split: str) -> DetectionData:
        """Read the split that the configuration names as "train", "val" or "test"."""
        if split == "test":
            require_test(self.splits[split])
        listing = self._listing(split)
        _ = self.num_classes  # which reads them where they are not given
        layout = self._layout
        log = ProblemLog(self.on_error, advice=f"annotations were looked for in {layout.annotations}")
        entries = layout.entries(listing, log)
        files = ImageFiles([entry.image for entry in entries.values()], log)
        records = []
        for name, entry in entries.items():
            file = files.check(entry.image)
            record = file and self._record(name, entry.xml, file, len(records), log)
            if record is not None:
                records.append(record)
        log.settle(str(listing))
        return DetectionData(self.classes, tuple(records), log)

    def _listing(self, split: str) -> Path:
        return self._layout.listing(split, self.splits.get(split) or split)

    @cached_property
    def _layout(self) -> Devkit | SplitFolders:
        return layout_of(self.root)

    def _read_xml(self, path: Path) -> VOCAnnotation:
        """Parsed once: classes and objects are both in it."""
        if path not in self._parsed:
            self._parsed[path] = read_voc_xml(path)
        return self._parsed[path]

    def _record(self, name: str, xml_path: Path, file: ImageFile, image_id: int, log: ProblemLog) -> ImageRecord | None:
        """None, with a note, where its annotation cannot be read: its objects must not pass for background."""
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

"""Pascal VOC: Annotations/*.xml, JPEGImages, ImageSets/Main/<split>.txt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from yololab.data.checks import check_boxes, check_image
from yololab.data.detection_data import DetectionData, ImageRecord
from yololab.data.problems import ProblemLog
from yololab.data.source import DataSource, require_folder, require_test
from yololab.errors import DataError

IMAGE_ENDINGS = (".jpg", ".jpeg", ".png", ".bmp")


class VOCSource(DataSource):
    """Reads a VOC folder. `one_based` takes 1 off the corner, as the VOC devkit counts pixels from 1.

    Objects marked `difficult` become crowd regions: neither found nor missed, and not trained on.
    """

    def __init__(
        self,
        root: str,
        classes: Sequence[str],
        train: str = "train",
        val: str = "val",
        on_error: str = "drop",
        one_based: bool = False,
        test: str | None = None,
        final: str = "val",
    ) -> None:
        super().__init__(classes, on_error, final)
        self.root, self.one_based = Path(root), one_based
        self.splits = {"train": train, "val": val, "test": test}

    def read(self, split: str) -> DetectionData:
        """Read the split that the configuration names as "train", "val" or "test"."""
        if split == "test":
            require_test(self.splits[split])
        require_folder(self.root, "a Pascal VOC folder with Annotations, JPEGImages and ImageSets/Main")
        log = ProblemLog(self.on_error)
        listing = self.root / "ImageSets" / "Main" / f"{self.splits.get(split, split)}.txt"
        if not listing.is_file():
            found = sorted(path.stem for path in listing.parent.glob("*.txt")) if listing.parent.is_dir() else []
            raise DataError(f"{listing} does not exist; splits found there: {', '.join(found) or 'none'}")
        records, seen = [], set()
        for number, line in enumerate(listing.read_text().splitlines(), 1):
            if not line.strip():
                continue
            name = line.split()[0]
            if name in seen:
                log.add("duplicated id", listing, number, f"{name} is listed twice")
                continue
            seen.add(name)
            record = self._record(name, len(records), log)
            if record is not None:
                records.append(record)
        log.settle(str(listing))
        return DetectionData(self.classes, tuple(records), log)

    def _record(self, name: str, image_id: int, log: ProblemLog) -> ImageRecord | None:
        path = _image_path(self.root / "JPEGImages", name)
        size = check_image(path, log)
        if size is None:
            return None
        xml_path = self.root / "Annotations" / f"{name}.xml"
        rows = self._objects(xml_path, log)
        boxes = np.array([row[0] for row in rows], dtype=np.float64).reshape(-1, 4)
        labels = [row[1] for row in rows]
        checked = check_boxes(
            boxes, labels, size=size, num_classes=len(self.classes), file=xml_path, lines=[r[3] for r in rows], log=log
        )
        kept = checked.kept
        return ImageRecord(
            image_id=image_id,
            name=name,
            path=path,
            width=size[0],
            height=size[1],
            boxes_xyxy=checked.boxes_xyxy,
            labels=np.array(labels, dtype=np.int64)[kept],
            crowd=np.array([row[2] for row in rows], dtype=bool)[kept],
            areas=(checked.boxes_xyxy[:, 2:] - checked.boxes_xyxy[:, :2]).prod(axis=1),
        )

    def _objects(self, xml_path: Path, log: ProblemLog) -> list[tuple[list[float], int, bool, int]]:
        """(box, label, difficult, line) of every object; label -1 for an unknown class, which is reported here."""
        if not xml_path.is_file():
            log.add("missing annotation", xml_path, 0, "no such file; the image counts as empty", "kept")
            return []
        try:
            text = xml_path.read_text(encoding="utf-8", errors="replace")
            objects = ElementTree.fromstring(text).findall("object")
        except ElementTree.ParseError as error:
            log.add("unreadable annotation", xml_path, error.position[0], str(error))
            return []
        lines = [number for number, line in enumerate(text.splitlines(), 1) if "<object>" in line]
        rows = []
        for index, item in enumerate(objects):
            line = lines[index] if index < len(lines) else 0
            class_name = (item.findtext("name") or "").strip()
            label = self.classes.index(class_name) if class_name in self.classes else -1
            if label == -1:
                log.add("wrong class", xml_path, line, f"{class_name!r}, expected one of {', '.join(self.classes)}")
            rows.append((self._box(item), label, (item.findtext("difficult") or "0").strip() == "1", line))
        return rows

    def _box(self, item: ElementTree.Element) -> list[float]:
        corner = 1.0 if self.one_based else 0.0
        box = [_number(item.findtext(f"bndbox/{key}")) for key in ("xmin", "ymin", "xmax", "ymax")]
        return [box[0] - corner, box[1] - corner, box[2], box[3]]


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")


def _image_path(folder: Path, name: str) -> Path:
    """The image of that name, whatever its ending; the .jpg path where there is none."""
    return next((p for e in IMAGE_ENDINGS if (p := folder / f"{name}{e}").is_file()), folder / f"{name}.jpg")

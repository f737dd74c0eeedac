"""COCO: annotations/*.json with boxes and masks (polygons or RLE), images beside them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from yololab.data.checks import ImageFile, ImageFiles, check_boxes
from yololab.data.coco_json import (
    categories_of,
    has_area,
    labels_of,
    read_coco_json,
    sound_annotations,
    sound_images,
    why_no_mask,
)
from yololab.data.coco_places import find_annotations, find_folder, require_annotations
from yololab.data.detection_data import DetectionData, ImageRecord, Mask
from yololab.data.problems import ProblemLog
from yololab.data.source import DataSource, require_folder, require_test
from yololab.errors import ConfigError

Annotations = list[dict[str, Any]]


class COCOSource(DataSource):
    """Reads COCO JSON. A split names its annotation file and its image folder, both below `root`; None: they are found
    by the names that are usual (see yololab.data.coco_places).

    Without `classes`, all categories of the training file are taken in the order of their ids.
    """

    def __init__(
        self,
        root: str,
        train: Sequence[str] | None = None,
        val: Sequence[str] | None = None,
        classes: Sequence[str] | None = None,
        on_error: str = "drop",
        test: Sequence[str] | None = None,
        final: str = "val",
    ) -> None:
        super().__init__(classes or (), on_error, final)
        self.root = Path(root)
        given = {"train": train, "val": val, "test": test}
        self.splits = {name: None if places is None else _places(places, name) for name, places in given.items()}
        self._kept: dict[str, tuple[Path, dict[str, Any], Path]] = {}
        """What was loaded for its classes and is still to be read"""

    @property
    def num_classes(self) -> int:
        """Number of classes, read from the training file where the configuration has none."""
        if not self.classes:
            self._kept["train"] = file, content, _ = self._load("train")  # read whole, which takes long for COCO itself
            self.classes = tuple(categories_of(content, file).values())
        return len(self.classes)

    def read(self, split: str) -> DetectionData:
        """Read the split that the configuration names as "train", "val" or "test"."""
        if split == "test" and self.splits[split] is None:
            require_test(self.root.is_dir() and find_annotations(self.root, split))
        num_classes = self.num_classes
        file, content, image_folder = self._kept.pop(split, None) or self._load(split)
        log = ProblemLog(self.on_error, advice=f"annotations were read from {file}")
        log.objects = len(content["annotations"])
        label_of = labels_of(categories_of(content, file), self.classes, file)
        annotations, images = sound_annotations(content, file, log), sound_images(content, file, log)
        paths = [image_folder / image["file_name"] for image in images]
        files = ImageFiles(paths, log)
        records = []
        for image, path in zip(images, paths, strict=True):
            of_image = annotations.pop(image["id"], [])
            found = _of_declared_size(image, files.check(path), file, log)
            if found is not None:
                records.append(_record(image, found, of_image, label_of, num_classes, file, log))
        for image_id, orphans in annotations.items():
            log.add("missing image", file, 0, f"{len(orphans)} annotations of image id {image_id}, which is not listed")
        log.settle(str(file))
        return DetectionData(self.classes, tuple(records), log)

    def _load(self, split: str) -> tuple[Path, dict[str, Any], Path]:
        """Annotation file, its content, and image folder of a split."""
        require_folder(self.root, "a folder with COCO annotations and images")
        places = self.splits[split]
        if places is not None:
            return self.root / places[0], read_coco_json(self.root / places[0]), self.root / places[1]
        file, name = require_annotations(self.root, split)
        content = read_coco_json(self.root / file)
        return self.root / file, content, self.root / find_folder(self.root, file, name, content)


def _places(value: object, key: str) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) != 2:
        raise ConfigError(f"data.{key}: expected [annotations.json, image folder], got {value!r}")
    return tuple(str(place) for place in value)


def _of_declared_size(image: dict[str, Any], found: ImageFile | None, file: Path, log: ProblemLog) -> ImageFile | None:
    """The image's file, unless the annotations are of another size."""
    declared = (image.get("width"), image.get("height"))
    if found is not None and None not in declared and declared != found.size:
        log.add("size mismatch", found.path, 0, f"{file.name} says {declared!r:.80}, the file has {found.size}")
        return None
    return found


def _record(
    image: Mapping[str, Any],
    found: ImageFile,
    annotations: Annotations,
    label_of: Mapping[int, int],
    num_classes: int,
    file: Path,
    log: ProblemLog,
) -> ImageRecord:
    place = f"{file} (image id {image['id']})"
    annotations = _with_sound_masks(annotations, found.size, place, log)
    labels = [label_of.get(annotation["category_id"], -1) for annotation in annotations]
    for annotation, label in zip(annotations, labels, strict=True):
        if label == -1:
            log.add("wrong class", place, 0, f"annotation {annotation.get('id')}: category {annotation['category_id']}")
    boxes = np.array([a["bbox"] for a in annotations], dtype=np.float64).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    checked = check_boxes(
        boxes, labels, size=found.size, num_classes=num_classes, file=place, lines=[0] * len(labels), log=log
    )
    chosen = [annotations[row] for row in checked.kept]
    box_areas = (checked.boxes_xyxy[:, 2:] - checked.boxes_xyxy[:, :2]).prod(axis=1)
    return ImageRecord(
        image_id=image["id"],
        name=image["file_name"],
        path=found.path,
        width=found.size[0],
        height=found.size[1],
        boxes_xyxy=checked.boxes_xyxy,
        labels=np.array(labels, dtype=np.int64)[checked.kept],
        crowd=np.array([bool(a.get("iscrowd")) for a in chosen], dtype=bool),
        areas=_areas(chosen, box_areas, place, log),
        masks=_masks(chosen),
        content=found.content,
        bits=found.bits,
        look=found.look,
    )


def _areas(annotations: Annotations, box_areas: np.ndarray, place: str, log: ProblemLog) -> np.ndarray:
    """What annotations say, and the box's own area where they say none that can be one."""
    areas = box_areas.astype(np.float64)
    for row, annotation in enumerate(annotations):
        if has_area(annotation):
            areas[row] = annotation["area"]
        elif annotation.get("area") is not None:
            detail = f"annotation {annotation.get('id')}: area {annotation['area']!r:.80}; its box's area is taken"
            log.add("wrong area", place, 0, detail, "replaced")
    return areas


def _with_sound_masks(annotations: Annotations, size: tuple[int, int], place: str, log: ProblemLog) -> Annotations:
    kept = []
    for annotation in annotations:
        wrong = why_no_mask(annotation, size)
        if wrong:
            log.add("unreadable annotation", place, 0, f"annotation {annotation.get('id')}: {wrong}")
        else:
            kept.append(annotation)
    return kept


def _masks(annotations: Annotations) -> tuple[Mask, ...] | None:
    """Masks of all objects, or None where any object has none."""
    masks: list[Mask] = []
    for annotation in annotations:
        segmentation = annotation.get("segmentation")
        if not segmentation:
            return None
        if isinstance(segmentation, dict):
            masks.append(segmentation)
        else:
            masks.append([np.asarray(part, dtype=np.float64).reshape(-1, 2) for part in segmentation])
    return tuple(masks)

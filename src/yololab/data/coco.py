"""COCO: annotations/*.json with boxes and masks (polygons or RLE), images beside them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from yololab.data.checks import check_boxes, check_image
from yololab.data.detection_data import DetectionData, ImageRecord, Mask
from yololab.data.problems import ProblemLog
from yololab.data.source import DataSource, require_folder, require_test
from yololab.errors import DataError


class COCOSource(DataSource):
    """Reads COCO JSON. A split names its annotation file and its image folder, both below `root`.

    Without `classes`, all categories of the training file are taken in the order of their ids.
    """

    def __init__(
        self,
        root: str,
        train: Sequence[str],
        val: Sequence[str],
        classes: Sequence[str] | None = None,
        on_error: str = "drop",
        test: Sequence[str] | None = None,
        final: str = "val",
    ) -> None:
        super().__init__(classes or (), on_error, final)
        self.root = Path(root)
        self.splits = {"train": tuple(train), "val": tuple(val), "test": tuple(test or ())}

    @property
    def num_classes(self) -> int:
        """Number of classes, read from the training file where the configuration has none."""
        if not self.classes:
            content = self._load(self.splits["train"][0])
            self.classes = tuple(c["name"] for c in sorted(content["categories"], key=lambda c: c["id"]))
        return len(self.classes)

    def read(self, split: str) -> DetectionData:
        """Read the split that the configuration names as "train", "val" or "test"."""
        if split == "test":
            require_test(self.splits[split])
        annotation_file, image_folder = self.splits[split]
        num_classes = self.num_classes
        content = self._load(annotation_file)
        file = self.root / annotation_file
        log = ProblemLog(self.on_error)
        label_of = {c["id"]: self.classes.index(c["name"]) for c in content["categories"] if c["name"] in self.classes}
        annotations = _by_image(content, file, log)
        records, seen = [], set()
        for image in content["images"]:
            if image["id"] in seen:
                log.add("duplicated id", file, 0, f"image id {image['id']} stands twice ({image['file_name']})")
                continue
            seen.add(image["id"])
            path = self.root / image_folder / image["file_name"]
            size = check_image(path, log)
            declared = (image.get("width"), image.get("height"))
            if size is not None and None not in declared and declared != size:
                log.add("size mismatch", path, 0, f"{file.name} says {declared}, the file has {size}")
                size = None
            if size is not None:
                found = annotations.pop(image["id"], [])
                records.append(_record(image, path, size, found, label_of, num_classes, file, log))
            else:
                annotations.pop(image["id"], None)
        for image_id, found in annotations.items():
            log.add("missing image", file, 0, f"{len(found)} annotations of image id {image_id}, which is not listed")
        log.settle(str(file))
        return DetectionData(self.classes, tuple(records), log)

    def _load(self, annotation_file: str) -> dict[str, Any]:
        require_folder(self.root, "a folder with COCO annotations and images")
        path = self.root / annotation_file
        try:
            content = json.loads(path.read_text())
        except (OSError, json.JSONDecodeError) as error:
            raise DataError(f"{path}: cannot be read as COCO JSON: {error}") from error
        for key in ("images", "annotations", "categories"):
            if not isinstance(content, dict) or key not in content:
                raise DataError(f"{path}: expected a COCO file with {key!r}")
        return content


def _by_image(content: dict[str, Any], file: Path, log: ProblemLog) -> dict[int, list[dict[str, Any]]]:
    grouped: dict[int, list[dict[str, Any]]] = defaultdict(list)
    seen: set[Any] = set()
    for annotation in content["annotations"]:
        problem = _malformed(annotation)
        if problem:
            shown = annotation.get("id") if isinstance(annotation, dict) else annotation
            log.add("unreadable annotation", file, 0, f"annotation {shown}: {problem}")
            continue
        annotation_id = annotation.get("id")
        if annotation_id is not None and annotation_id in seen:
            log.add("duplicated id", file, 0, f"annotation id {annotation_id} stands twice")
            continue
        seen.add(annotation_id)
        grouped[annotation["image_id"]].append(annotation)
    return grouped


def _malformed(annotation: Any) -> str | None:
    """What keeps an annotation from being read at all; None where nothing does."""
    if not isinstance(annotation, dict):
        return "expected a mapping"
    for key in ("image_id", "category_id", "bbox"):
        if key not in annotation:
            return f"it has no {key!r}"
    box = annotation["bbox"]
    if not isinstance(box, list) or len(box) != 4 or not all(isinstance(v, int | float) for v in box):
        return f"expected a bbox of four numbers, got {box!r}"
    polygons = annotation.get("segmentation")
    if isinstance(polygons, list) and any(len(part) < 6 or len(part) % 2 for part in polygons):
        return "a polygon has an odd number of coordinates, or fewer than six"
    return None


def _record(
    image: dict[str, Any],
    path: Path,
    size: tuple[int, int],
    annotations: list[dict[str, Any]],
    label_of: dict[int, int],
    num_classes: int,
    file: Path,
    log: ProblemLog,
) -> ImageRecord:
    place = f"{file} (image id {image['id']})"
    labels = []
    for annotation in annotations:
        label = label_of.get(annotation["category_id"], -1)
        if label == -1:
            log.add("wrong class", place, 0, f"annotation {annotation.get('id')}: category {annotation['category_id']}")
        labels.append(label)
    boxes = np.array([a["bbox"] for a in annotations], dtype=np.float64).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    checked = check_boxes(
        boxes, labels, size=size, num_classes=num_classes, file=place, lines=[0] * len(labels), log=log
    )
    chosen = [annotations[row] for row in checked.kept]
    box_areas = (checked.boxes_xyxy[:, 2:] - checked.boxes_xyxy[:, :2]).prod(axis=1)
    areas = np.array(
        [box_area if a.get("area") is None else a["area"] for a, box_area in zip(chosen, box_areas, strict=True)],
        dtype=np.float64,
    )
    return ImageRecord(
        image_id=int(image["id"]),
        name=image["file_name"],
        path=path,
        width=size[0],
        height=size[1],
        boxes_xyxy=checked.boxes_xyxy,
        labels=np.array(labels, dtype=np.int64)[checked.kept],
        crowd=np.array([bool(a.get("iscrowd", 0)) for a in chosen], dtype=bool),
        areas=areas,
        masks=_masks(chosen),
    )


def _masks(annotations: list[dict[str, Any]]) -> tuple[Mask, ...] | None:
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

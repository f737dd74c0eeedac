"""Croissant 1.0 of a data set (MLCommons' JSON-LD): its objects as a table beside it, its classes, where images lie.

Building and checking is mlcroissant's own.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yololab.data.detection_data import DetectionData
from yololab.errors import DataError, YololabError
from yololab.files import whole_file, write_text

COLUMNS = {
    "split": "train, val or test",
    "image": "path of the image, relative to the folder of all images",
    "label": "class of the object",
    "xmin": "left edge, pixels",
    "ymin": "upper edge, pixels",
    "xmax": "right edge, pixels",
    "ymax": "lower edge, pixels",
    "crowd": "1: a region that counts neither as found nor as missed",
}
EDGES = ("xmin", "ymin", "xmax", "ymax")
KINDS = {".jpg": "image/jpeg", ".tif": "image/tiff"}


def write_croissant(path: Path, name: str, splits: Mapping[str, DetectionData]) -> list[Path]:
    """Write `path` and <path>_objects.csv beside it, which it describes; both paths.

    DataError where images are no files, YololabError where mlcroissant is not installed.
    """
    try:
        import mlcroissant as mlc
    except ImportError as error:
        raise YololabError("Croissant needs mlcroissant: pip install 'yololab[croissant]'") from error
    root = _folder_of_images(splits)
    table = path.with_name(f"{path.stem}_objects.csv")
    _write_objects(table, root, splits)
    counts = ", ".join(f"{len(data.records)} {split}" for split, data in splits.items())
    classes = list(dict.fromkeys(one for data in splits.values() for one in data.classes))
    metadata = mlc.Metadata(
        name=name,
        description=f"Images with objects in boxes: {counts}; {len(classes)} classes. As read by yololab.",
        distribution=[_table_file(mlc, table), _image_files(mlc, root, splits)],
        record_sets=[_objects(mlc, table.name), _classes(mlc, classes)],
    )
    write_text(path, json.dumps(metadata.to_json(), indent=1, default=str, ensure_ascii=False) + "\n")
    return [path, table]


def _table_file(mlc: Any, table: Path) -> Any:
    digest = hashlib.sha256(table.read_bytes()).hexdigest()
    where = {"id": table.name, "name": table.name, "content_url": table.name}
    return mlc.FileObject(**where, encoding_formats=["text/csv"], sha256=digest)


def _image_files(mlc: Any, root: Path, splits: Mapping[str, DetectionData]) -> Any:
    images = [record.path for data in splits.values() for record in data.records if record.path]
    places = sorted({_relative(path.with_name(f"*{path.suffix}"), root) for path in images})
    kinds = sorted({KINDS.get(path.suffix.lower(), f"image/{path.suffix.lower()[1:]}") for path in images})
    return mlc.FileSet(id="images", name="images", includes=places, encoding_formats=kinds)


def _objects(mlc: Any, table: str) -> Any:
    fields, kinds = [], dict.fromkeys(EDGES, mlc.DataType.FLOAT) | {"crowd": mlc.DataType.INTEGER}
    for column, text in COLUMNS.items():
        kind = kinds.get(column, mlc.DataType.TEXT)
        source = mlc.Source(file_object=table, extract=mlc.Extract(column=column))
        named = {"id": f"objects/{column}", "name": column, "description": text}
        fields.append(mlc.Field(**named, data_types=[kind], source=source))
    return mlc.RecordSet(id="objects", name="objects", fields=fields)


def _classes(mlc: Any, classes: list[str]) -> Any:
    key = "classes/name"
    fields = [mlc.Field(id=key, name="name", data_types=[mlc.DataType.TEXT])]
    data = [{key: one} for one in classes]
    return mlc.RecordSet(id="classes", name="classes", is_enumeration=True, key=[key], fields=fields, data=data)


def _folder_of_images(splits: Mapping[str, DetectionData]) -> Path:
    paths = [record.path for data in splits.values() for record in data.records]
    if not paths or None in paths:
        raise DataError("Croissant describes files: expected data=voc, yolo or coco with data.root, found none")
    return Path(os.path.commonpath([str(path.parent) for path in paths if path]))


def _relative(path: Path, root: Path) -> str:
    return Path(os.path.relpath(path, root)).as_posix()


def _write_objects(table: Path, root: Path, splits: Mapping[str, DetectionData]) -> None:
    with whole_file(table) as temporary, temporary.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for split, data in splits.items():
            for record in data.records:
                image = _relative(record.path, root) if record.path else record.name
                for box, label, crowd in zip(record.boxes_xyxy, record.labels, record.crowd, strict=True):
                    edges = [format(float(edge), ".10g") for edge in box]
                    writer.writerow([split, image, data.classes[int(label)], *edges, int(crowd)])

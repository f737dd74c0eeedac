"""Which of the formats a folder or file is, by what lies in it."""

from __future__ import annotations

from pathlib import Path

from yololab.data.coco_places import find_annotations
from yololab.data.voc_layout import is_split_folders
from yololab.data.yolo_txt import YAML_ENDINGS
from yololab.errors import DataError

SHOWN = 8


def guess_data(root: Path) -> str:
    """The choice of conf/data that reads `root`: yolo, voc or coco. DataError that says what was looked for."""
    if root.is_file():
        if root.suffix.lower() in YAML_ENDINGS:
            return "yolo"
        raise DataError(f"{root}: a file that is no data.yaml; name the folder of the data set, or its data.yaml")
    if not root.is_dir():
        raise DataError(f"{root}: no such folder; expected a data set, or its data.yaml")
    if any((root / f"data{ending}").is_file() for ending in YAML_ENDINGS):
        return "yolo"
    if (root / "Annotations").is_dir() and (root / "ImageSets").is_dir():
        return "voc"
    if is_split_folders(root):
        return "voc"
    if find_annotations(root, "train") is not None:
        return "coco"
    others = sorted(path.name for ending in YAML_ENDINGS for path in root.glob(f"*{ending}"))
    if others:
        raise DataError(f"{root}: no data.yaml, but {', '.join(others[:SHOWN])}; name the one that is meant")
    present = ", ".join(sorted(path.name for path in root.iterdir())[:SHOWN]) or "nothing"
    raise DataError(
        f"{root}: not a layout that is known; it holds {present}. Looked for data.yaml (YOLO), Annotations and "
        "ImageSets, or a folder a split with XML (VOC), annotations of train by a usual name (COCO); say which it is "
        "with data=yolo, voc or coco"
    )

"""Where COCO data sets lie by custom: COCO 2017's own folders, exports of Roboflow, CVAT and others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yololab.errors import DataError

NAMES = {"train": ("train", "training"), "val": ("val", "valid", "validation"), "test": ("test", "testing")}
ANNOTATIONS = (
    "annotations/instances_{name}2017.json",
    "annotations/instances_{name}.json",
    "annotations/{name}.json",
    "{name}/_annotations.coco.json",
    "{name}/annotations.json",
    "{name}.json",
    "{name}_annotations.json",
)
FOLDERS = ("{name}2017", "{name}", "images/{name}2017", "images/{name}", "{name}/images", "images", "JPEGImages", ".")
SHOWN = 10


def find_annotations(root: Path, split: str) -> tuple[Path, str] | None:
    """The annotation file of a split, below `root`, and the name it goes by there; None where there is none."""
    present = {path.relative_to(root).as_posix().lower(): path for path in _json_files(root)}
    for name in NAMES[split]:
        for pattern in ANNOTATIONS:
            found = present.get(pattern.format(name=name).lower())
            if found is not None:
                inner, start = found.relative_to(root), pattern.index("{name}")
                return inner, inner.as_posix()[start : start + len(name)]  # in its own capitals
    return None


def require_annotations(root: Path, split: str) -> tuple[Path, str]:
    """The same. DataError that lists what there is."""
    found = find_annotations(root, split)
    if found is None:
        present = sorted(path.relative_to(root).as_posix() for path in _json_files(root))
        listed = ", ".join(present[:SHOWN]) or "none"
        raise DataError(
            f"data.root={root}: no annotations of the {split} split by a usual name; JSON files there: {listed}. "
            f"Write 'data.{split}=[ANNOTATIONS.json,IMAGE_FOLDER]'."
        )
    return found


def find_folder(root: Path, file: Path, name: str, content: Mapping[str, Any]) -> Path:
    """The image folder, below `root`, that holds the first image of an annotation file; the most usual if none does."""
    names = [entry.get("file_name") for entry in content["images"][:1] if isinstance(entry, Mapping)]
    first = names[0] if names and isinstance(names[0], str) else ""
    candidates = [file.parent, *(Path(pattern.format(name=name)) for pattern in FOLDERS)]
    for folder in candidates:
        if first and _is_file(root / folder / first):
            return folder
    return next((folder for folder in candidates[1:] if (root / folder).is_dir()), file.parent)


def _json_files(root: Path) -> list[Path]:
    """JSON files at the places that are looked at: `root` and its folders."""
    return [path for pattern in ("*.json", "*/*.json") for path in root.glob(pattern)]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False

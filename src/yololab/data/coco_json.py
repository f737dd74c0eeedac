"""The JSON of a COCO data set, checked entry by entry: nothing that is used later is anything but what it should be."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

from yololab.data.mask_checks import is_number, why_no_polygons, why_no_rle
from yololab.data.problems import ProblemLog
from yololab.data.source import checked_classes
from yololab.data.text import read_text
from yololab.errors import ConfigError, DataError, did_you_mean

LARGEST_ID = 2**53
"""Ids beyond it are not the same number everywhere"""
KEYS = ("images", "annotations", "categories")
LONGEST_NAME = 1000


def read_coco_json(path: Path) -> dict[str, Any]:
    """The file's content, a mapping with lists of images, annotations and categories. DataError where it is not."""
    try:
        content = json.loads(read_text(path), object_pairs_hook=_without_twice)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: cannot be read as COCO JSON: {error!s:.300}") from error
    for key in KEYS:
        if not isinstance(content, dict) or key not in content:
            raise DataError(f"{path}: expected a COCO file with {key!r}")
        if not isinstance(content[key], list):
            raise DataError(f"{path}: {key}: expected a list, got {type(content[key]).__name__}")
    return content


def categories_of(content: Mapping[str, Any], path: Path) -> dict[int, str]:
    """Names of categories by their ids, in the order of ids. DataError where either is not unique, or none is there."""
    found: dict[int, str] = {}
    for entry in content["categories"]:
        if not isinstance(entry, Mapping) or not _is_id(entry.get("id")) or not isinstance(entry.get("name"), str):
            raise DataError(f"{path}: categories: expected a whole id and a name, got {entry!r:.200}")
        if entry["id"] in found:
            raise DataError(f"{path}: categories: id {entry['id']} stands twice")
        found[entry["id"]] = entry["name"]
    if not found:
        raise DataError(f"{path}: categories: there is none")
    try:
        checked_classes(list(found.values()), "categories")
    except ConfigError as error:
        raise DataError(f"{path}: {error}") from error
    return dict(sorted(found.items()))


def labels_of(categories: Mapping[int, str], classes: tuple[str, ...], path: Path) -> dict[int, int]:
    """Number of the class of every category that is one. DataError where a class is no category."""
    for name in classes:
        if name not in categories.values():
            raise DataError(
                f"{path}: it has no category {name!r} of data.classes{did_you_mean(name, categories.values())}; "
                "data.classes=[] takes all that it has"
            )
    return {number: classes.index(name) for number, name in categories.items() if name in classes}


def sound_images(content: Mapping[str, Any], file: Path, log: ProblemLog) -> list[dict[str, Any]]:
    """Images with a usable id and file name, each once; the others are noted."""
    found, seen = [], set()
    for entry in content["images"]:
        wrong = _wrong_with_image(entry)
        if wrong:
            log.add("unreadable image entry", file, 0, wrong)
        elif entry["id"] in seen:
            log.add("duplicated id", file, 0, f"image id {entry['id']} stands twice ({entry['file_name']})")
        else:
            seen.add(entry["id"])
            found.append(entry)
    return found


def sound_annotations(content: Mapping[str, Any], file: Path, log: ProblemLog) -> dict[int, list[dict[str, Any]]]:
    """Annotations that can be read, each once, by their image's id; the others are noted."""
    grouped: dict[int, list[dict[str, Any]]] = {}
    ids, said = set(), set()
    for annotation in content["annotations"]:
        wrong = _wrong_with_annotation(annotation)
        if wrong:
            shown = annotation.get("id") if isinstance(annotation, dict) else annotation
            log.add("unreadable annotation", file, 0, f"annotation {shown!r:.80}: {wrong}")
            continue
        number = annotation.get("id")
        if number is not None and number in ids:
            log.add("duplicated id", file, 0, f"annotation id {number} stands twice")
            continue
        ids.add(number)
        same = _what_it_says(annotation)
        if same in said:
            log.add("duplicated label", file, 0, f"annotation {number} says what another one says")
            continue
        said.add(same)
        grouped.setdefault(annotation["image_id"], []).append(annotation)
    return grouped


def why_no_mask(annotation: Mapping[str, Any], size: tuple[int, int]) -> str | None:
    """What is wrong with an annotation's mask on an image of `size` (width, height); None where nothing is."""
    segmentation = annotation.get("segmentation")
    if not segmentation and not isinstance(segmentation, str):
        return None
    return why_no_rle(segmentation, size) if isinstance(segmentation, dict) else why_no_polygons(segmentation, size)


def _wrong_with_image(entry: Any) -> str | None:
    if not isinstance(entry, dict):
        return f"expected a mapping, got {entry!r:.80}"
    if not _is_id(entry.get("id")):
        return f"id {entry.get('id')!r:.80}: expected a whole number from 0"
    name = entry.get("file_name")
    if not isinstance(name, str) or not name.strip():
        return f"image id {entry['id']}: file_name: expected a name, got {name!r:.80}"
    parts = name.replace("\\", "/").split("/")
    if parts[0] == "" or ".." in parts or ":" in name[:3] or len(name) > LONGEST_NAME:
        return f"image id {entry['id']}: file_name {name!r:.200} leads out of the image folder"
    return None


def _wrong_with_annotation(annotation: Any) -> str | None:
    """What keeps an annotation from being read at all; None where nothing does."""
    if not isinstance(annotation, dict):
        return "expected a mapping"
    for key in ("image_id", "category_id", "bbox"):
        if key not in annotation:
            return f"it has no {key!r}"
    for key in ("image_id", "category_id", *(("id",) if annotation.get("id") is not None else ())):
        if not _is_id(annotation[key]):
            return f"{key} {annotation[key]!r:.80}: expected a whole number from 0"
    box = annotation["bbox"]
    if not isinstance(box, list) or len(box) != 4 or not all(is_number(value) for value in box):
        return f"expected a bbox of four numbers, got {box!r:.80}"
    crowd = annotation.get("iscrowd")
    if crowd is not None and (not isinstance(crowd, int) or crowd not in (0, 1)):
        return f"iscrowd is {crowd!r:.80}; expected 0 or 1"
    return None


def has_area(annotation: Mapping[str, Any]) -> bool:
    """Whether an annotation names an area that can be one."""
    area = annotation.get("area")
    return is_number(area) and area > 0  # type: ignore[operator]


def _is_id(value: Any) -> bool:
    return type(value) is int and 0 <= value < LARGEST_ID


def _what_it_says(annotation: Mapping[str, Any]) -> Hashable:
    """All but its id."""
    segmentation = json.dumps(annotation.get("segmentation"), sort_keys=True) if annotation.get("segmentation") else ""
    return annotation["image_id"], annotation["category_id"], tuple(annotation["bbox"]), hash(segmentation)


def _without_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r:.80} stands twice in one mapping")
    return found

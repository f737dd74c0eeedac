"""Masks of data sets, checked against their image before anything decodes them: polygons and COCO's run lengths.

pycocotools believes what an RLE says of itself: too few counts leave memory uninitialised, and absurd sizes end the
process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

BEYOND = 10
"""A polygon may reach this many image sides beyond the image; what lies farther out is no pixel coordinate"""
LARGEST = 1e9
FIRST, BITS = 48, 5
"""COCO's text of run lengths: characters from "0" on hold five bits, a flag for more, and a sign in the last"""


def why_no_polygon(points: np.ndarray, size: tuple[int, int]) -> str | None:
    """What is wrong with a polygon (k, 2) in pixels of an image of `size` (width, height); None where nothing is."""
    if not np.isfinite(points).all():
        return "a polygon has coordinates that are no numbers"
    limit = np.array(size, dtype=np.float64)
    if (points < -BEYOND * limit).any() or (points > (1 + BEYOND) * limit).any():
        return f"a polygon reaches to {np.abs(points).max():.4g} in an image of {size[0]}x{size[1]}"
    if (points.max(axis=0) <= 0).any() or (points.min(axis=0) >= limit).any():
        return "a polygon lies outside the image"
    return None


def area_of(points: np.ndarray) -> float:
    """Of a polygon (k, 2), by the shoelace formula."""
    x, y = points[:, 0], points[:, 1]
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def why_no_polygons(parts: Any, size: tuple[int, int]) -> str | None:
    """What is wrong with a COCO segmentation that should be a list of polygons [x1, y1, x2, y2, ...]."""
    if not isinstance(parts, Sequence) or isinstance(parts, str):
        return "its segmentation is neither polygons nor run lengths"
    if parts and all(is_number(part) for part in parts):
        return "its polygon is flat; expected a list of polygons, [[x1, y1, ...]]"
    for part in parts:
        if not isinstance(part, list) or not all(is_number(value) for value in part):
            return "a polygon is no list of coordinates"
        if len(part) < 6 or len(part) % 2:
            return "a polygon has an odd number of coordinates, or fewer than six"
        wrong = why_no_polygon(np.array(part, dtype=np.float64).reshape(-1, 2), size)
        if wrong:
            return wrong
    if parts and not any(area_of(np.array(part, dtype=np.float64).reshape(-1, 2)) for part in parts):
        return "its polygons have no area"
    return None


def why_no_rle(rle: Mapping[str, Any], size: tuple[int, int]) -> str | None:
    """What is wrong with a COCO RLE of an image of `size` (width, height); None where it can be decoded."""
    width, height = size
    declared = rle.get("size")
    if not isinstance(declared, list) or any(type(side) is not int for side in declared):
        return f"its run lengths say size {declared!r}; expected two whole numbers"
    if declared != [height, width]:
        return f"its run lengths are of size {declared} (height, width); the image has {[height, width]}"
    counts = rle.get("counts")
    if isinstance(counts, str):
        counts = _counts_of(counts)
    if not isinstance(counts, list) or any(type(count) is not int or count < 0 for count in counts):
        return "its run lengths are neither whole numbers from 0 nor COCO's text of them"
    if sum(counts) != width * height:
        return f"its run lengths cover {sum(counts)} of {width * height} pixels"
    return None


def _counts_of(text: str) -> list[int] | None:
    """Run lengths of COCO's compressed text; None where it is none.

    Little-endian groups of five bits; from the third length on they are differences to the last but one.
    """
    found: list[int] = []
    value, shift = 0, 0
    for character in text:
        bits = ord(character) - FIRST
        if not 0 <= bits < 64 or shift > 60:
            return None
        value |= (bits & 0x1F) << shift
        shift += BITS
        if bits & 0x20:
            continue
        if bits & 0x10:
            value -= 1 << shift
        found.append(value + found[-2] if len(found) > 2 else value)
        value, shift = 0, 0
    return found if shift == 0 else None


def is_number(value: Any) -> bool:
    """Whether a value of a JSON file can be a coordinate or an area: no true or false, no NaN, not beyond LARGEST."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST

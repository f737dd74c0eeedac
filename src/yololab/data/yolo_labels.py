"""Label files of YOLO txt: where they lie and what a line says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yololab.data.problems import ProblemLog
from yololab.data.text import DECIMAL, in_either_capitals, read_lines

NUMBER = re.compile(rf"{DECIMAL}|[-+]?(nan|inf(inity)?)", re.ASCII | re.IGNORECASE)
LARGEST = 10**9
"""No class has such a number"""


@dataclass(frozen=True)
class Line:
    """One object: a normalised polygon where the line has one, and its box (cx, cy, w, h)."""

    label: int
    box: tuple[float, float, float, float]
    polygon: np.ndarray | None
    number: int


def label_path(image: Path) -> Path:
    """Where the labels of an image lie: the last folder called images becomes labels, the ending .txt.

    Where there is none of that name, another way to write it in capitals is taken (Images, Labels, .TXT).
    """
    parts = list(image.parts)
    for index in range(len(parts) - 2, -1, -1):
        if parts[index].lower() == "images":
            parts[index] = "labels"
            parent = Path(*parts[:index]) if index else Path()
            if not (parent / "labels").is_dir():
                parts[index] = next((name for name in ("Labels", "LABELS") if (parent / name).is_dir()), "labels")
            break
    return in_either_capitals(Path(*parts).with_suffix(".txt"))


def read_labels(file: Path, log: ProblemLog) -> list[Line]:
    """Lines that say an object; none where there is no file. DataError where the file cannot be read at all."""
    if not file.exists():
        return []
    found: list[Line] = []
    seen: set[tuple[float, ...]] = set()
    for number, text in read_lines(file):
        words = text.split()
        if not all(NUMBER.fullmatch(word) for word in words):
            log.add("unreadable label", file, number, f"{text!r} is not a row of numbers")
            continue
        values = tuple(float(word) for word in words)
        if values in seen:
            log.add("duplicated label", file, number, f"line {text!r} stands twice")
            continue
        seen.add(values)
        line = _parse(values, number, file, log)
        if line is not None:
            found.append(line)
    return found


def _parse(values: tuple[float, ...], number: int, file: Path, log: ProblemLog) -> Line | None:
    if not 0 <= values[0] < LARGEST or values[0] != int(values[0]):
        log.add("wrong class", file, number, f"class {values[0]} is not a whole number from 0")
        return None
    label, coordinates = int(values[0]), values[1:]
    if len(coordinates) == 4:
        return Line(label, coordinates, None, number)
    if len(coordinates) >= 6 and len(coordinates) % 2 == 0:
        polygon = np.array(coordinates).reshape(-1, 2)
        with np.errstate(invalid="ignore", over="ignore"):
            low, high = polygon.min(axis=0), polygon.max(axis=0)
            box = (*((low + high) / 2).tolist(), *(high - low).tolist())
        return Line(label, box, polygon, number)
    expected = "4 coordinates of a box or an even number, at least 6, of a polygon"
    hint = "; a fifth may be the confidence of a prediction" if len(coordinates) == 5 else ""
    log.add("unreadable label", file, number, f"expected {expected}, got {len(coordinates)}{hint}")
    return None

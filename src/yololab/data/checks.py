"""Checks that all readers share: boxes against image and classes, image files against damage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yololab.data.content import examine
from yololab.data.problems import ProblemLog

ROUNDING = 0.5
"""Pixels that a box may stand out by: labels of six decimals, and of whole pixels, do"""
TWELVE = 12
"""Bits of many cameras and microscopes whose files have 16"""


@dataclass(frozen=True)
class CheckedBoxes:
    """Boxes that may be trained on, and which of the given rows they are."""

    boxes_xyxy: np.ndarray
    kept: np.ndarray


def check_boxes(
    boxes_xyxy: np.ndarray,
    labels: Sequence[int],
    *,
    size: tuple[int, int],
    num_classes: int,
    file: Path | str,
    lines: Sequence[int],
    log: ProblemLog,
) -> CheckedBoxes:
    """Drop NaN, wrong-class, zero-area and out-of-image boxes and clip overhanging ones, each with a note.

    `boxes_xyxy` (n, 4) in pixels of an image of `size` (width, height); labels of -1 were already reported.
    """
    boxes = np.asarray(boxes_xyxy, dtype=np.float64).reshape(-1, 4)
    labels_array = np.asarray(labels, dtype=np.int64).reshape(-1)
    width, height = size
    finite = np.asarray(np.isfinite(boxes).all(axis=1))
    in_classes = (labels_array >= 0) & (labels_array < num_classes)
    with np.errstate(invalid="ignore", over="ignore"):
        clipped = boxes.clip([0, 0, 0, 0], [width, height, width, height])
        has_area = np.asarray((boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1]))
        visible = (clipped[:, 2] > clipped[:, 0]) & (clipped[:, 3] > clipped[:, 1])
        overhang = np.abs(clipped - boxes).max(axis=1, initial=0)
    kept = finite & in_classes & has_area & visible
    for row in np.flatnonzero(~kept | (overhang > ROUNDING)).tolist():
        shown = np.array2string(boxes[row], precision=2, separator=", ")
        if not finite[row]:
            log.add("not a number", file, lines[row], f"box {shown}")
        elif labels_array[row] == -1:
            continue
        elif not in_classes[row]:
            log.add("wrong class", file, lines[row], f"class {labels_array[row]}, expected 0 to {num_classes - 1}")
        elif not has_area[row]:
            log.add("zero area", file, lines[row], f"box {shown} (x1, y1, x2, y2)")
        elif not visible[row]:
            log.add("outside the image", file, lines[row], f"box {shown} in an image of {width}x{height}")
        else:
            log.add("overhanging", file, lines[row], f"box {shown} in an image of {width}x{height}", "clipped")
    return CheckedBoxes(clipped[kept], np.flatnonzero(kept))


class ImageFiles:
    """The image files of a split, examined all at once; `check` tells which can be trained on."""

    def __init__(self, paths: Sequence[Path], log: ProblemLog) -> None:
        unique = list(dict.fromkeys(paths))
        self._facts = dict(zip(unique, examine(unique), strict=True))
        self._log = log
        self.bits = 8
        """Of the values in files of 16 bits, where all of them leave the upper ones empty; else 8, the upper ones"""
        deep = [path for path, facts in self._facts.items() if facts.decoded.peak]
        if deep and max(self._facts[path].decoded.peak for path in deep) < 1 << TWELVE:
            self.bits = TWELVE
            detail = f"{len(deep)} images of 16 bits hold values of {TWELVE}; they are scaled to the whole range"
            log.add("12-bit image", deep[0], 0, detail, "scaled")

    def check(self, path: Path) -> ImageFile | None:
        """What a record needs of a file; None, with a note, where it is missing, unreadable or damaged."""
        facts = self._facts[path]
        found = facts.decoded
        if found.kind:
            self._log.add(found.kind, path, 0, found.detail)
            return None
        bits = self.bits if found.peak else 8
        return ImageFile(path, (found.width, found.height), facts.hash, bits, found.look)


@dataclass(frozen=True)
class ImageFile:
    """A file that decodes whole."""

    path: Path
    size: tuple[int, int]
    """Width and height"""
    content: str
    """Hash of its bytes"""
    bits: int
    look: str
    """What it looks like; see yololab.data.similar"""

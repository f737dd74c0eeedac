"""Checks that all readers share: boxes against image and classes, image files against truncation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from yololab.data.problems import ProblemLog

JPEG_END = b"\xff\xd9"
PNG_END = b"IEND"
EXIF_ORIENTATION = 274
TURNED = range(5, 9)
TAIL_BYTES = 4096
"""The end marker may be followed by padding that some cameras write."""


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
    with np.errstate(invalid="ignore"):
        clipped = boxes.clip([0, 0, 0, 0], [width, height, width, height])
        has_area = np.asarray((boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1]))
        visible = (clipped[:, 2] > clipped[:, 0]) & (clipped[:, 3] > clipped[:, 1])
        overhang = np.abs(clipped - boxes).max(axis=1, initial=0)
    kept = finite & in_classes & has_area & visible
    for row in np.flatnonzero(~kept | (overhang > 0)).tolist():
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


def check_image(path: Path, log: ProblemLog) -> tuple[int, int] | None:
    """Width and height of an image file; None, with a note, where it is missing, unreadable or cut short."""
    if not path.is_file():
        log.add("missing image", path, 0, "no such file")
        return None
    try:
        with Image.open(path) as image:
            size, kind = image.size, image.format
            if image.getexif().get(EXIF_ORIENTATION, 1) in TURNED:  # decoding turns it, so its sides swap
                size = size[::-1]
    except (UnidentifiedImageError, OSError) as error:
        log.add("unreadable image", path, 0, str(error))
        return None
    if not _ends_properly(path, kind):
        log.add("truncated image", path, 0, f"{kind} file without its end marker")
        return None
    return size


def _ends_properly(path: Path, kind: str | None) -> bool:
    marker = {"JPEG": JPEG_END, "PNG": PNG_END}.get(kind or "")
    if marker is None:
        return True
    with path.open("rb") as stream:
        stream.seek(0, 2)
        stream.seek(max(0, stream.tell() - TAIL_BYTES))
        return marker in stream.read()

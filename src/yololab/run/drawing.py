"""Boxes, masks and their captions on an image."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from matplotlib import colormaps

LEAST_SIDE, MOST_SIDE = 320, 1280
"""Pixels of a picture's longer side: captions can be read, and files stay small"""
REFERENCE_SIDE = 640
"""Longer side of a picture whose captions are drawn at FONT_SCALE"""
FONT, FONT_SCALE = cv2.FONT_HERSHEY_SIMPLEX, 0.42
JPEG_QUALITY = (cv2.IMWRITE_JPEG_QUALITY, 90)


def class_colours(count: int) -> list[tuple[int, int, int]]:
    """Distinct BGR colours."""
    palette = colormaps["tab10"] if count <= 10 else colormaps["hsv"]
    steps = range(count) if count <= 10 else np.linspace(0, 0.95, count)
    return [tuple(int(255 * v) for v in palette(step)[2::-1]) for step in steps]  # type: ignore[misc]


def picture_side(image: np.ndarray) -> int:
    """Longer side of a picture of `image`: its own, within LEAST_SIDE and MOST_SIDE."""
    return int(np.clip(max(image.shape[:2]), LEAST_SIDE, MOST_SIDE))


def tinted(image: np.ndarray, masks: Sequence[tuple[np.ndarray, int]], classes: Sequence[str]) -> np.ndarray:
    """A copy of `image` with each (mask (H, W), label) washed in the colour of its class."""
    canvas, colours = image.copy(), class_colours(len(classes))
    for mask, label in masks:
        inside = mask.astype(bool)
        canvas[inside] = (0.5 * canvas[inside] + 0.5 * np.array(colours[label])).astype(np.uint8)
    return canvas


def resized(image: np.ndarray, longest_side: int) -> tuple[np.ndarray, float]:
    """A copy of `image` whose longer side is `longest_side` pixels, and the factor."""
    scale = longest_side / max(image.shape[:2])
    if scale == 1:
        return image.copy(), 1.0
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC), scale


def draw_boxes(
    image: np.ndarray,
    boxes_xyxy: np.ndarray,
    labels: np.ndarray,
    texts: Sequence[str],
    classes: Sequence[str],
    longest_side: int | None = None,
) -> np.ndarray:
    """A copy of `image` with boxes and captions, its longer side brought to `longest_side`, or left as it is.

    Lines and captions grow with the picture.
    """
    canvas, scale = resized(image, longest_side or max(image.shape[:2]))
    font = FONT_SCALE * max(1.0, max(canvas.shape[:2]) / REFERENCE_SIDE)
    thick = max(1, round(font / FONT_SCALE))
    colours = class_colours(len(classes))
    corners = np.round(boxes_xyxy * scale).astype(int)
    for (x1, y1, x2, y2), label in zip(corners.tolist(), labels, strict=True):
        cv2.rectangle(canvas, (x1, y1), (x2, y2), colours[label], 2 * thick, cv2.LINE_AA)
    captions = list(zip(corners.tolist(), labels, texts, strict=True))
    for (x1, y1, _, _), label, text in reversed(captions):  # the first, of the highest score, on top
        _caption(canvas, (x1, y1), _drawable(text, int(label)), colours[label], font)
    return canvas


def _drawable(text: str, label: int) -> str:
    """The caption, or the label's number where OpenCV's font, which knows ASCII alone, would draw question marks."""
    if text.isascii():
        return text
    score = text.rpartition(" ")[2]
    return f"{label} {score}" if score.isascii() else str(label)


def _caption(canvas: np.ndarray, corner: tuple[int, int], text: str, colour: tuple[int, int, int], font: float) -> None:
    thick, gap = max(1, round(font / FONT_SCALE)), max(4, round(4 * font / FONT_SCALE))
    (width, height), _ = cv2.getTextSize(text, FONT, font, thick)
    x, y = max(0, min(corner[0], canvas.shape[1] - width)), max(corner[1], height + gap)
    cv2.rectangle(canvas, (x, y - height - gap), (x + width, y), colour, -1)
    cv2.putText(canvas, text, (x, y - gap + 1), FONT, font, (255, 255, 255), thick, cv2.LINE_AA)

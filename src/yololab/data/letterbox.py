"""Letterbox: scale an image to fit, pad the rest, and remember how to get back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from yololab.data.sample import PAD_VALUE


@dataclass(frozen=True)
class Letterbox:
    """original = (network - pad) / scale, per axis, in pixels; `width` and `height` are the original's."""

    scale_x: float
    scale_y: float
    pad_x: float
    pad_y: float
    width: int
    height: int

    def to_original(self, boxes_xyxy: np.ndarray) -> np.ndarray:
        """Boxes (n, 4) from pixels of the network input to pixels of the original image, clipped to it."""
        boxes = boxes_xyxy.astype(np.float64)
        boxes[:, 0::2] = ((boxes[:, 0::2] - self.pad_x) / self.scale_x).clip(0, self.width)
        boxes[:, 1::2] = ((boxes[:, 1::2] - self.pad_y) / self.scale_y).clip(0, self.height)
        return boxes

    def to_network(self, boxes_xyxy: np.ndarray) -> np.ndarray:
        """Boxes (n, 4) from pixels of the original image to pixels of the network input."""
        scale = np.array([self.scale_x, self.scale_y] * 2)
        return boxes_xyxy * scale + np.array([self.pad_x, self.pad_y] * 2)


def fit_scale(width: int, height: int, size: int) -> float:
    """Factor that brings the longer side to `size`."""
    return size / max(width, height)


def letterbox(
    image: np.ndarray, size: tuple[int, int], original: tuple[int, int], fill: int = PAD_VALUE
) -> tuple[np.ndarray, Letterbox]:
    """Centre `image`, already resized to fit, on a canvas of `size`; both sizes are (width, height), `original` the
    image's before it was resized."""
    height, width = image.shape[:2]
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    padded = cv2.copyMakeBorder(
        image, top, size[1] - height - top, left, size[0] - width - left, cv2.BORDER_CONSTANT, value=(fill,) * 3
    )
    return padded, Letterbox(width / original[0], height / original[1], left, top, *original)

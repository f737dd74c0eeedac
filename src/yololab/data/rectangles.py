"""Rectangular evaluation: images of like shape share a batch that is no larger than they need."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from yololab.data.detection_data import ImageRecord

PADDING = 0.5
"""Of a stride, which every side gets beyond what the images need"""


def rectangular_batches(
    records: Sequence[ImageRecord], image_size: int, stride: int, batch_size: int
) -> tuple[list[list[int]], list[tuple[int, int]]]:
    """Batches of places in `records`, by rising height / width, and the (width, height) of each place's input.

    The rule of YOLOv5 and its heirs: where all images of a batch are wider than high, or all higher than wide, the
    shorter side is what the squarest of them needs; each side is a multiple of `stride`, half a stride more than that.
    """
    ratios = np.array([record.height / record.width for record in records])
    order = np.argsort(ratios, kind="stable")
    batches = [order[start : start + batch_size].tolist() for start in range(0, len(order), batch_size)]
    sizes: list[tuple[int, int]] = [(image_size, image_size)] * len(records)
    for batch in batches:
        low, high = ratios[batch].min(), ratios[batch].max()
        width, height = (1.0, high) if high < 1 else (1 / low, 1.0) if low > 1 else (1.0, 1.0)
        for place in batch:
            sizes[place] = (_side(width, image_size, stride), _side(height, image_size, stride))
    return batches, sizes


def largest_side(image_size: int, stride: int) -> int:
    """Of any batch's inputs."""
    return _side(1.0, image_size, stride)


def _side(share: float, image_size: int, stride: int) -> int:
    return int(np.ceil(share * image_size / stride + PADDING)) * stride

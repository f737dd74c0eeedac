"""Batches: images of one size, labels padded to the image with the most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import get_worker_info

from yololab.data.dataset import Item
from yololab.data.letterbox import Letterbox
from yololab.structures import Targets, TensorData

MASK_RATIO = 4
"""Instance maps are handed to the loss at a quarter of the input's resolution, that of the prototypes."""


@dataclass(frozen=True)
class Batch(TensorData):
    """Images (B, 3, H, W) uint8, their targets, their places in the dataset, and the way back to original pixels."""

    images: Tensor
    targets: Targets
    indices: tuple[int, ...]
    letterboxes: tuple[Letterbox | None, ...]

    def pin_memory(self) -> Batch:
        """The same batch in page-locked memory, for DataLoader."""
        masks = self.targets.masks
        pinned = Targets(
            self.targets.boxes_xyxy.pin_memory(),
            self.targets.labels.pin_memory(),
            self.targets.valid.pin_memory(),
            None if masks is None else masks.pin_memory(),
        )
        return Batch(self.images.pin_memory(), pinned, self.indices, self.letterboxes)

    def share(self) -> None:
        """Move its tensors to shared memory. RuntimeError where that is full: here it can still be told.

        Left to the queue's own thread, the failure is lost and whoever waits for the batch waits for ever.
        """
        targets = self.targets
        for tensor in (self.images, targets.boxes_xyxy, targets.labels, targets.valid, targets.masks):
            if tensor is not None:
                tensor.share_memory_()


def normalised(images: Tensor) -> Tensor:
    """uint8 images (B, 3, H, W) to floats in [0, 1], channels last in memory, as convolutions are fastest."""
    return images.to(torch.float32, memory_format=torch.channels_last).div_(255)


def collate(items: list[Item]) -> Batch:
    """Stack images and pad labels to the most boxes of any image in the batch, however many they are."""
    most = max(len(item.labels) for item in items)
    boxes = np.zeros((len(items), most, 4), np.float32)
    labels = np.zeros((len(items), most), np.int64)
    valid = np.zeros((len(items), most), bool)
    for row, item in enumerate(items):
        count = len(item.labels)
        boxes[row, :count], labels[row, :count], valid[row, :count] = item.boxes_xyxy, item.labels, True
    targets = Targets(torch.from_numpy(boxes), torch.from_numpy(labels), torch.from_numpy(valid), _masks(items))
    batch = Batch(
        torch.stack([item.image for item in items]),
        targets,
        tuple(item.index for item in items),
        tuple(item.letterbox for item in items),
    )
    if get_worker_info() is not None:
        batch.share()
    return batch


def _masks(items: list[Item]) -> Tensor | None:
    maps: list[Any] = [item.instance_map for item in items]
    if any(instance_map is None for instance_map in maps):
        return None
    offset = MASK_RATIO // 2
    return torch.from_numpy(np.stack([m[offset::MASK_RATIO, offset::MASK_RATIO] for m in maps]))

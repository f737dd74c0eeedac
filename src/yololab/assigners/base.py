"""The contract of an assigner, and what all of them share: claims of boxes on points."""

from __future__ import annotations

from dataclasses import fields, replace

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from yololab.ops.precision import full_precision
from yololab.structures import Assignment, Predictions, Targets

MAX_PAIRS = 12_000_000
"""Point-box pairs that are compared at once; more images are taken in chunks, which bounds the memory."""
MAX_PAIRS_CPU = 2_000_000
"""The same where it also keeps pairs in memory that is near (benchmarks/assigners.py)"""


class Assigner:
    """Decides which point of a batch learns which box."""

    @torch.no_grad()
    def __call__(self, predictions: Predictions, targets: Targets) -> Assignment:
        """Assign a batch. The computation is in float32 and has no gradient."""
        with full_precision(predictions.boxes_xyxy.device):
            batch, num_points = predictions.boxes_xyxy.shape[:2]
            num_boxes = targets.labels.shape[1]
            if num_boxes == 0 or not bool(targets.valid.any()):
                return nothing_assigned(batch, num_points, predictions.boxes_xyxy.device)
            most = MAX_PAIRS_CPU if predictions.boxes_xyxy.device.type == "cpu" else MAX_PAIRS
            chunk = max(1, most // (num_points * num_boxes))
            if chunk >= batch:
                return self.assign(_float32(predictions), targets)
            parts = [
                self.assign(_float32(_images(predictions, start, chunk, batch)), _images(targets, start, chunk, batch))
                for start in range(0, batch, chunk)
            ]
            return Assignment(*(torch.cat([getattr(part, f.name) for part in parts]) for f in fields(Assignment)))

    def assign(self, predictions: Predictions, targets: Targets) -> Assignment:
        """Assign a batch that has at least one box."""
        raise NotImplementedError


class ByEpoch:
    """An assigner that assigns in some epochs as in others it does not."""

    def set_epoch(self, epoch: int) -> None:
        """Assign as `epoch`, counted from 0, does."""
        raise NotImplementedError


def nothing_assigned(batch: int, num_points: int, device: torch.device) -> Assignment:
    """The assignment of images without boxes."""
    zeros = torch.zeros(batch, num_points, device=device)
    return Assignment(zeros.bool(), zeros.long(), zeros, zeros)


def inside_boxes(
    points: Float[Tensor, "points 2"], boxes_xyxy: Float[Tensor, "batch boxes 4"], margin: float = 0.0
) -> Bool[Tensor, "batch boxes points"]:
    """Whether each point lies strictly inside each box, more than `margin` pixels from every side."""
    x, y = points[:, 0], points[:, 1]
    low_x, low_y, high_x, high_y = (side.unsqueeze(-1) for side in boxes_xyxy.unbind(-1))  # (B, M, 1)
    distance = x - low_x  # one buffer for all sides: its memory costs more than the arithmetic
    inside = distance > margin
    for one, other in ((high_x, x), (y, low_y), (high_y, y)):
        inside &= torch.sub(one, other, out=distance) > margin
    return inside


def gather_boxes(values: Float[Tensor, "batch boxes k"], index: Int[Tensor, "batch n"]) -> Float[Tensor, "batch n k"]:
    """Rows of `values` at `index`."""
    return values.gather(1, index.unsqueeze(-1).expand(-1, -1, values.shape[-1]))


def _float32(predictions: Predictions) -> Predictions:
    changed = {
        f.name: value.detach().float()
        for f in fields(predictions)
        if isinstance(value := getattr(predictions, f.name), Tensor) and value.is_floating_point()
    }
    return replace(predictions, **changed)


def _images(data, start: int, count: int, batch: int):
    """The images start ... start + count of a TensorData; tensors without a batch axis stay whole."""
    shared = {"points", "strides"}
    cut = {
        f.name: value[start : start + count]
        for f in fields(data)
        if isinstance(value := getattr(data, f.name), Tensor) and f.name not in shared and value.shape[0] == batch
    }
    return replace(data, **cut)

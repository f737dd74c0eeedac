"""Made-up predictions and hand-written targets for assigners."""

from __future__ import annotations

import torch

from yololab.ops.grid import grid_points
from yololab.structures import Predictions, Targets

SIZE = 128


def predictions(batch=1, classes=3, objectness=False, seed=0, size=SIZE):
    generator = torch.Generator().manual_seed(seed)
    levels = [torch.zeros(batch, 1, size // s, size // s) for s in (8, 16, 32)]
    points, strides = grid_points(levels, (8, 16, 32))
    reach = torch.rand(batch, len(points), 4, generator=generator) * 3 * strides[:, None] + 2
    boxes = torch.cat((points - reach[..., :2], points + reach[..., 2:]), dim=-1)
    logits = torch.randn(batch, len(points), classes, generator=generator)
    return Predictions(boxes, logits, points, strides, torch.randn(batch, len(points)) if objectness else None)


def targets(*images, size=4):
    """One list of (label, x1, y1, x2, y2) per image."""
    most = max(map(len, images))
    boxes, labels = torch.zeros(len(images), most, size), torch.zeros(len(images), most, dtype=torch.long)
    valid = torch.zeros(len(images), most, dtype=torch.bool)
    for row, image in enumerate(images):
        for column, (label, *box) in enumerate(image):
            boxes[row, column], labels[row, column] = torch.tensor(box, dtype=torch.float), label
            valid[row, column] = True
    return Targets(boxes, labels, valid)

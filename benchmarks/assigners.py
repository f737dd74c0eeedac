"""Seconds that assigners take for a batch, and how they grow with the boxes of an image.

    python benchmarks/assigners.py [--boxes 60,240] [--batch 16] [--size 640] [--repeats 5]

Boxes have sides of 12 to 240 pixels and lie anywhere; predictions are boxes near their points.
"""

from __future__ import annotations

import argparse
import time

import torch

from yololab.assigners import SimOTA, TaskAligned
from yololab.ops.grid import grid_points
from yololab.run.provenance import machine
from yololab.structures import Predictions, Targets

STRIDES = (8, 16, 32)
CLASSES = 80


def batch_of(images: int, boxes: int, size: int) -> tuple[Predictions, Targets]:
    generator = torch.Generator().manual_seed(0)

    def rand(*shape: int) -> torch.Tensor:
        return torch.rand(*shape, generator=generator)

    points, strides = grid_points([torch.zeros(1, 1, size // s, size // s) for s in STRIDES], STRIDES)
    reach = strides[:, None] * (0.5 + 4 * rand(images, len(points), 2))
    predicted = torch.cat((points - reach, points + reach), dim=-1)
    centre, side = rand(images, boxes, 2) * size, 12 + 228 * rand(images, boxes, 2) ** 2
    wanted = torch.cat((centre - side / 2, centre + side / 2), dim=-1).clamp(0, size)
    labels = torch.randint(0, CLASSES, (images, boxes), generator=generator)
    logits = torch.randn(images, len(points), CLASSES, generator=generator) - 4
    found = Predictions(boxes_xyxy=predicted, class_logits=logits, points=points, strides=strides)
    return found, Targets(wanted, labels, torch.ones(images, boxes, dtype=torch.bool))


def seconds(work, repeats: int) -> float:
    work()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return sorted(times)[repeats // 2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--boxes", default="60,240")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--size", type=int, default=640)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="the smallest form, for a test")
    options = parser.parse_args()
    if options.quick:
        options.boxes, options.batch, options.size, options.repeats = "4,8", 2, 64, 1
    print(f"{machine()['processor']}, {torch.get_num_threads()} threads")
    for boxes in map(int, options.boxes.split(",")):
        predictions, targets = batch_of(options.batch, boxes, options.size)
        points = predictions.boxes_xyxy.shape[1]
        for assigner in (TaskAligned(), SimOTA(), SimOTA(in_box=False)):
            took = seconds(lambda a=assigner, p=predictions, t=targets: a(p, t), options.repeats)
            name = type(assigner).__name__ + (" (YOLOX)" if getattr(assigner, "in_box", True) is False else "")
            each = 1e9 * took / (options.batch * boxes * points)
            print(f"{name:16s} {options.batch} x {points} x {boxes:3d} boxes: {took:.3f} s, {each:.1f} ns a pair")


if __name__ == "__main__":
    main()

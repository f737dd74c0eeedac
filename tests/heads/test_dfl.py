from __future__ import annotations

import pytest
import torch

from yololab import heads
from yololab.structures import HeadMaps

STRIDES = (8, 16, 32)


def make(name, classes=3, **args):
    repeat = 2 if name == "DualDDetect" else 1
    return getattr(heads, name)((16, 24, 32) * repeat, strides=STRIDES * repeat, num_classes=classes, **args), repeat


def test_a_certain_distribution_decodes_to_its_bin():
    head, _ = make("Detect", 1)
    level = torch.zeros(1, 65, 2, 2)
    for side, distance in enumerate((1, 2, 3, 4)):
        level[0, side * 16 + distance] = 50.0
    maps = HeadMaps([level, torch.zeros(1, 65, 1, 1), torch.zeros(1, 65, 1, 1)])
    box = head.decode(maps).boxes_xyxy[0, 0]
    assert box.tolist() == pytest.approx([4 - 8, 4 - 16, 4 + 24, 4 + 32])

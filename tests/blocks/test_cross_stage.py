from __future__ import annotations

import pytest
import torch

from yololab import blocks


@pytest.mark.parametrize("stage", ["C2f", "C3", "RepNCSP"])
def test_groups_of_a_stage_are_those_of_every_second_convolution_inside(stage):
    inner = getattr(blocks, stage)(16, channels=16, repeats=2, groups=4).m
    assert [part.cv2.conv.groups for part in inner] == [4, 4]
    assert all(conv.groups == 1 for part in inner for conv in part.cv1.modules() if isinstance(conv, torch.nn.Conv2d))

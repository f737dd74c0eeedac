from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torchvision.ops import deform_conv2d

from blocks.case import BlockContract
from yololab.blocks import C2fDeform, DeformConv
from yololab.blocks.deform_conv import sampled


@pytest.mark.parametrize("args", [{"channels": 24, "repeats": 2, "shortcut": True}, {"channels": 16}], ids=str)
class TestC2fDeform(BlockContract):
    block = C2fDeform


@pytest.mark.parametrize("args", [{"channels": 24}, {"channels": 8, "stride": 2}], ids=str)
class TestDeformConv(BlockContract):
    block = DeformConv


@pytest.mark.parametrize("stride", [1, 2])
def test_it_begins_as_a_convolution_of_half_the_weight(stride):
    block, x = DeformConv(6, channels=5, stride=stride).eval(), torch.rand(2, 6, 8, 10)
    torch.testing.assert_close(block(x), block.act(block.bn(0.5 * block.conv(x))))


@pytest.mark.parametrize("stride", [1, 2])
def test_the_form_for_export_is_torchvisions(stride):
    generator = torch.Generator().manual_seed(0)
    x, kernel = torch.rand(2, 6, 8, 10, generator=generator), torch.rand(5, 6, 3, 3, generator=generator)
    offsets = 3 * torch.randn(2, 18, 8 // stride, 10 // stride, generator=generator)  # beyond the border too
    weights = torch.rand(2, 9, 8 // stride, 10 // stride, generator=generator)
    expected = deform_conv2d(x, offsets, kernel, stride=stride, padding=1, mask=weights)
    torch.testing.assert_close(sampled(x, offsets, weights, kernel, stride), expected)


def test_building_networks_imports_no_torchvision():
    """It takes two seconds, and every plan would wait for them."""
    code = "import sys, yololab.assemble; print([name for name in ('torchvision', 'timm') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

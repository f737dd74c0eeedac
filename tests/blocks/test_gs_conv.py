"""GSConv by hand; the contract of VoVGSCSP is that of conf/block."""

from __future__ import annotations

import torch

from yololab.blocks.gs_conv import GSConv, VoVGSCSP


def test_dense_and_depthwise_maps_are_shuffled():
    module, x = GSConv(4, channels=8, kernel_size=3, stride=2).eval(), torch.rand(1, 4, 8, 8)
    dense = module.cv1(x)
    both = torch.cat((dense, module.cv2(dense)), dim=1)
    got = module(x)
    assert got.shape == (1, 8, 4, 4)
    for place, source in enumerate((0, 2, 4, 6, 1, 3, 5, 7)):
        torch.testing.assert_close(got[:, place], both[:, source])


def test_the_stage_has_the_papers_width():
    module = VoVGSCSP(12, channels=16, repeats=2)
    assert module.cv1.conv.out_channels == 8
    assert module(torch.rand(2, 12, 4, 4)).shape == (2, 16, 4, 4)


def test_a_dense_convolution_costs_twice_as_much():
    slim = sum(p.numel() for p in GSConv(64, channels=64, kernel_size=3).parameters())
    assert slim < 0.6 * 64 * 64 * 9

from __future__ import annotations

import pytest
import torch

from yololab.blocks import ChannelPositionAttention, ScaleSequence, TripleEncoding
from yololab.graph.node import FeatureSpec


def levels(*channels):
    return [torch.rand(2, width, 16 >> i, 24 >> i) for i, width in enumerate(channels)]


def test_of_three_levels_the_largest_stays_at_every_place():
    block, features = ScaleSequence((4, 6, 8), channels=5).eval(), levels(4, 6, 8)
    each = []
    for index, (bring, x) in enumerate(zip(block.bring, features, strict=True)):
        y = bring(x).repeat_interleave(2**index, 2).repeat_interleave(2**index, 3)
        kernel, bias = block.conv.weight[:, :, 0, 0, 0], block.conv.bias
        y = torch.einsum("oc,bchw->bohw", kernel, y) + bias[:, None, None]
        y = y / (1 + block.bn.eps) ** 0.5  # statistics of a new norm: mean 0, variance 1
        each.append(torch.where(y > 0, y, 0.1 * y))
    torch.testing.assert_close(block(*features), torch.stack(each).amax(dim=0))


def test_three_sizes_stand_side_by_side_at_the_middle_one():
    block, (fine, own, coarse) = TripleEncoding((4, 6, 8), channels=5).eval(), levels(4, 6, 8)
    found = block(fine, own, coarse)
    cells = block.fine(fine).unfold(2, 2, 2).unfold(3, 2, 2).flatten(-2)
    torch.testing.assert_close(found[:, :5], cells.amax(-1) + cells.mean(-1))
    torch.testing.assert_close(found[:, 5:10], block.own(own))
    torch.testing.assert_close(found[:, 10:], block.coarse(coarse).repeat_interleave(2, 2).repeat_interleave(2, 3))


def test_channels_are_gated_before_the_sum_and_places_after_it():
    block, (detail, sequence) = ChannelPositionAttention((8, 8)).eval(), torch.rand(2, 2, 8, 5, 7)
    gate = torch.nn.functional.conv1d(detail.mean((2, 3))[:, None], block.near.weight, padding="same").sigmoid()[:, 0]
    x = detail * gate[:, :, None, None] + sequence
    row = block.row(block.narrow(x.mean(3, keepdim=True))).sigmoid()
    column = block.column(block.narrow(x.mean(2, keepdim=True))).sigmoid()
    torch.testing.assert_close(block(detail, sequence), x * row * column)


@pytest.mark.parametrize(("channels", "size"), [(8, 3), (16, 3), (128, 5), (512, 5)])
def test_the_more_channels_the_more_neighbours(channels, size):
    """ECA-Net's rule with gamma 2 and b 1."""
    assert ChannelPositionAttention((channels, channels)).near.kernel_size == (size,)


@pytest.mark.parametrize(
    ("block", "args", "expected"),
    [
        (ScaleSequence, {"channels": 5}, FeatureSpec(5, 8)),
        (TripleEncoding, {"channels": 5}, FeatureSpec(15, 16)),
    ],
)
def test_levels_must_halve(block, args, expected):
    fitting = [FeatureSpec(4, 8), FeatureSpec(6, 16), FeatureSpec(8, 32)]
    assert block.out_spec(fitting, **args) == expected
    for wrong in (fitting[::-1], [fitting[0], fitting[0], fitting[1]], fitting[:1]):
        with pytest.raises(ValueError, match="twice the stride"):
            block.out_spec(wrong, **args)


def test_every_parameter_gets_a_gradient():
    for block, features in (
        (ScaleSequence((4, 6, 8), channels=5), levels(4, 6, 8)),
        (TripleEncoding((4, 6, 8), channels=5), levels(4, 6, 8)),
        (ChannelPositionAttention((8, 8)), list(torch.rand(2, 2, 8, 5, 7))),
    ):
        block(*features).square().sum().backward()
        assert [name for name, p in block.named_parameters() if p.grad is None] == []

from __future__ import annotations

import pytest
import torch

from blocks.case import BlockContract
from yololab import blocks
from yololab.blocks.dynamic_conv import RoutedConv


def test_a_dynamic_convolution_with_one_expert_is_a_scaled_plain_one():
    torch.manual_seed(0)
    layer = blocks.DynamicConv(4, channels=6, kernel_size=3, dilation=2, padding=1, num_experts=1).conv[0]
    x = torch.rand(2, 4, 9, 9)
    plain = torch.nn.functional.conv2d(x, layer.cond_conv.weight.view(6, 4, 3, 3), padding=1, dilation=2)
    torch.testing.assert_close(layer(x), plain * layer.expert_weights(x)[:, :, None, None])


def test_routing_weighs_each_image_by_itself():
    torch.manual_seed(0)
    block, x = blocks.DynamicConv(8, channels=12, kernel_size=3).eval(), torch.rand(3, 8, 6, 6)
    torch.testing.assert_close(block(x), torch.cat([block(image[None]) for image in x]))


def routed(routing):
    return RoutedConv(
        8, channels=8, kernel_size=1, stride=1, groups=1, num_experts=4, routing=routing, temperature=30.0
    )


def test_softmax_routing_sums_to_one_and_is_nearly_uniform_early_in_training():
    """Dynamic Convolution's two rules (arXiv:1912.03458, sec. 3.3)."""
    layer, x = routed("softmax"), 20 * torch.rand(2, 8, 4, 4)
    early = layer.expert_weights(x)
    torch.testing.assert_close(early.sum(1), torch.ones(2))
    layer.set_progress(1.0)
    late = layer.expert_weights(x)
    torch.testing.assert_close(late.sum(1), torch.ones(2))
    assert (early - 0.25).abs().max() < 0.1 < (late - 0.25).abs().max()


def test_the_temperature_falls_linearly_to_one():
    layer = routed("softmax")
    temperatures = []
    for progress in (0, 0.05, 0.1, 1):
        layer.set_progress(progress)
        temperatures.append(layer.temperature.item())
    assert temperatures == pytest.approx([30, 15.5, 1, 1])


def test_sigmoid_routing_is_independent_per_expert():
    weights = routed("sigmoid").expert_weights(torch.rand(2, 8, 4, 4))
    assert not torch.allclose(weights.sum(1), torch.ones(2))


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="routing must be 'sigmoid' or 'softmax', got 'sofmax'"):
        routed("sofmax")
    with pytest.raises(ValueError, match="unknown activation 'sillu'; did you mean 'silu'"):
        blocks.Conv(3, channels=8, activation="sillu")


@pytest.mark.parametrize(
    "args", [{"channels": 24, "kernel_size": 3}, {"channels": 24, "kernel_size": 3, "dilation": 2, "stride": 2}]
)
class TestDynamicConv(BlockContract):
    block = blocks.DynamicConv

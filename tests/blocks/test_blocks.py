from __future__ import annotations

import pytest
import torch

from yololab import blocks
from yololab.blocks.base import deploy_children
from yololab.blocks.dynamic_conv import RoutedConv
from yololab.blocks.rep_ncsp import RepBottleneck
from yololab.graph.node import FeatureSpec

WIDE = {
    "Conv": {"channels": 24, "kernel_size": 3, "stride": 2},
    "C2f": {"channels": 24, "repeats": 2, "shortcut": True},
    "C3": {"channels": 24, "repeats": 2},
    "SPPF": {"channels": 24},
    "RepConv": {"channels": 24},
    "RepNCSP": {"channels": 24, "repeats": 2},
    "ELAN": {"channels": 24},
    "RepNCSPELAN": {"channels": 24, "repeats": 2},
    "SPPELAN": {"channels": 24},
    "AConv": {"channels": 24},
    "ADown": {"channels": 24},
    "RepVGG": {"channels": 16},
    "RepBlock": {"channels": 24, "repeats": 3},
    "TransposedUpsample": {"channels": 24},
    "Upsample": {},
    "DynamicConv": {"channels": 24, "kernel_size": 3},
    "GhostDynamic": {"channels": 23},
    "C2fDynamic": {"channels": 24},
    "C2fGhostDynamic": {"channels": 24, "repeats": 2},
    "C3Dynamic": {"channels": 24},
    "C3GhostDynamic": {"channels": 24},
    "Conv, dilated": {"channels": 24, "kernel_size": 3, "dilation": 2, "groups": 4},
    "Conv, with a bias": {"channels": 24, "kernel_size": 3, "bias": True},
    "Bottleneck, grouped": {"channels": 16, "groups": 4},
    "C2f, grouped": {"channels": 32, "expansion": 0.25, "groups": 2},
    "C3, grouped": {"channels": 24, "groups": 3},
    "RepNCSP, grouped": {"channels": 24, "groups": 3},
    "TransposedUpsample, by 4": {"channels": 24, "kernel_size": 4, "stride": 4},
    "DynamicConv, dilated": {"channels": 24, "kernel_size": 3, "dilation": 2, "stride": 2},
    "GhostDynamic, strided": {"channels": 23, "kernel_size": 3, "stride": 2, "num_experts": 2},
}


def block_class(name):
    return getattr(blocks, name.partition(",")[0])


@pytest.mark.parametrize("name", WIDE)
class TestContract:
    def test_out_spec_tells_the_shape(self, name):
        block, args = block_class(name), WIDE[name]
        spec = block.out_spec([FeatureSpec(16, 8)], **args)
        out = block(16, **args)(torch.rand(2, 16, 12, 8))
        assert (out.shape[1], 12 * 8 // out.shape[2], 8 * 8 // out.shape[3]) == (spec.width, spec.stride, spec.stride)

    def test_every_parameter_gets_a_gradient(self, name):
        torch.manual_seed(0)
        block = block_class(name)(16, **WIDE[name])
        block(torch.rand(2, 16, 12, 8, requires_grad=True)).square().sum().backward()
        assert [n for n, p in block.named_parameters() if p.grad is None] == []

    def test_deployed_form_is_equal(self, name):
        torch.manual_seed(0)
        block, x = block_class(name)(16, **WIDE[name]), torch.rand(2, 16, 12, 8)
        for _ in range(3):
            block(torch.rand(4, 16, 12, 8))
        expected = block.eval()(x)
        torch.testing.assert_close(deploy_children(block)(x), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("stage", ["C2f", "C3", "RepNCSP"])
def test_groups_of_a_stage_are_those_of_every_second_convolution_inside(stage):
    inner = getattr(blocks, stage)(16, channels=16, repeats=2, groups=4).m
    assert [part.cv2.conv.groups for part in inner] == [4, 4]
    assert all(conv.groups == 1 for part in inner for conv in part.cv1.modules() if isinstance(conv, torch.nn.Conv2d))


def test_ghost_convolves_with_its_kernel_and_stride_once():
    block = blocks.GhostDynamic(8, channels=12, kernel_size=5, stride=2, cheap_kernel_size=3)
    primary, cheap = (part.conv[0] for part in (block.primary_conv, block.cheap_operation))
    assert (primary.cond_conv.kernel_shape, primary.stride) == ((6, 8, 5, 5), 2)
    assert (cheap.cond_conv.kernel_shape, cheap.stride) == ((6, 1, 3, 3), 1)


def test_a_dynamic_convolution_with_one_expert_is_a_scaled_plain_one():
    torch.manual_seed(0)
    layer = blocks.DynamicConv(4, channels=6, kernel_size=3, dilation=2, padding=1, num_experts=1).conv[0]
    x = torch.rand(2, 4, 9, 9)
    plain = torch.nn.functional.conv2d(x, layer.cond_conv.weight.view(6, 4, 3, 3), padding=1, dilation=2)
    torch.testing.assert_close(layer(x), plain * layer.expert_weights(x)[:, :, None, None])


def test_rep_bottleneck_hides_half_of_its_width_unless_told():
    assert RepBottleneck(16, channels=16).cv2.conv.weight.shape == (16, 8, 3, 3)
    assert RepBottleneck(16, channels=16, expansion=1.0, kernel_size=5, groups=4).cv2.conv.weight.shape == (16, 4, 5, 5)


def test_cb_linear_strides_all_of_its_maps():
    args = {"splits": (8, 12), "kernel_size": 3, "stride": 2, "groups": 4}
    maps = blocks.CBLinear(16, **args)(torch.rand(1, 16, 12, 8))
    assert [tuple(m.shape) for m in maps] == [(1, 8, 6, 4), (1, 12, 6, 4)]
    assert blocks.CBLinear.out_spec([FeatureSpec(16, 8)], **args) == FeatureSpec((8, 12), 16)


def test_transposed_upsample_refuses_a_node_whose_maps_fit_no_grid():
    with pytest.raises(ValueError, match="expected kernel_size=4 equal to stride=2"):
        blocks.TransposedUpsample.out_spec([FeatureSpec(16, 8)], kernel_size=4)
    with pytest.raises(ValueError, match="input stride divisible by 3, got 8"):
        blocks.TransposedUpsample.out_spec([FeatureSpec(16, 8)], kernel_size=3, stride=3)


def test_rep_vgg_becomes_one_convolution_with_the_published_parameters():
    block = deploy_children(blocks.RepVGG(16, channels=16).eval())
    assert sum(p.numel() for p in block.parameters()) == 16 * 16 * 9 + 16


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


def test_concat_refuses_features_of_different_strides():
    with pytest.raises(ValueError, match=r"one stride, got strides \[8, 16\]"):
        blocks.Concat.out_spec([FeatureSpec(8, 8), FeatureSpec(8, 16)])


def test_cb_fuse_refuses_a_map_of_other_width():
    with pytest.raises(ValueError, match="input 0: expected its map 1 to have 16 channels"):
        blocks.CBFuse.out_spec([FeatureSpec((8, 24), 16), FeatureSpec(16, 8)], indices=[1])

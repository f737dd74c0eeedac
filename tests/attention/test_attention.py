"""The contract of every attention, and what sets each apart."""

from __future__ import annotations

import importlib
import math

import pytest
import torch
from omegaconf import OmegaConf

from yololab import attention
from yololab.attention.eca import adaptive_kernel_size
from yololab.attention.gam import channel_shuffle
from yololab.config.place import conf_dir
from yololab.graph.node import FeatureSpec

CHOICES = sorted(path.stem for path in (conf_dir() / "attention").glob("*.yaml") if path.stem != "none")


def make(choice: str, channels: int = 32) -> torch.nn.Module:
    torch.manual_seed(0)
    config = OmegaConf.to_container(OmegaConf.load(conf_dir() / "attention" / f"{choice}.yaml"))
    module, _, name = config.pop("_target_").rpartition(".")
    return getattr(importlib.import_module(module), name)(channels, **config)


@pytest.mark.parametrize("choice", CHOICES)
class TestContract:
    def test_shape_is_kept(self, choice):
        for shape in [(2, 32, 6, 10), (1, 32, 1, 1)]:
            assert make(choice).eval()(torch.rand(shape)).shape == shape

    def test_spec_is_kept(self, choice):
        spec = FeatureSpec(32, 16)
        assert type(make(choice)).out_spec([spec]) == spec

    def test_every_parameter_gets_a_gradient(self, choice):
        module = make(choice)
        module(torch.randn(2, 32, 8, 8, requires_grad=True)).square().sum().backward()
        assert [name for name, p in module.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []

    def test_images_of_a_batch_do_not_mix(self, choice):
        module, x = make(choice).eval(), torch.rand(3, 32, 8, 8)
        torch.testing.assert_close(module(x)[1:2], module(x[1:2]))

    def test_backward_is_deterministic(self, choice):
        torch.use_deterministic_algorithms(True)
        try:
            make(choice)(torch.rand(2, 32, 8, 8, requires_grad=True)).sum().backward()
        finally:
            torch.use_deterministic_algorithms(False)

    def test_constant_memory_format_and_state_round_trip(self, choice):
        first, second = make(choice), make(choice)
        for parameter in first.parameters():
            torch.nn.init.normal_(parameter, std=0.1)
        second.load_state_dict(first.state_dict())
        x = torch.rand(2, 32, 8, 8)
        torch.testing.assert_close(first.eval()(x), second.eval()(x))


def test_cbam_without_weights_halves_twice():
    module = attention.CBAM(8)
    for parameter in module.parameters():
        torch.nn.init.zeros_(parameter)
    x = torch.rand(1, 8, 4, 4)
    torch.testing.assert_close(module(x), x / 4)  # sigmoid(0) * sigmoid(0)


def test_paper_cbam_adds_what_the_shared_mlp_says_of_mean_and_max():
    module = attention.PaperCBAM(16, reduction=16)
    gate, x = module.channel_attention, torch.rand(2, 16, 5, 5)
    mlp = gate.mlp
    expected = x * torch.sigmoid(mlp(x.mean((2, 3), True)) + mlp(x.amax((2, 3), True)))
    torch.testing.assert_close(gate(x), expected)
    assert sum(p.numel() for p in gate.parameters()) == 2 * 16  # one hidden unit, no bias


def test_gams_channel_gate_is_unbounded_and_the_papers_is_not():
    x = 50 * torch.rand(1, 16, 4, 4)
    assert attention.GAM(16).channel_gate(x).abs().max() > 1
    gate = attention.PaperGAM(16).channel_gate(x)
    assert 0 <= gate.min() <= gate.max() <= 1


def test_grouping_divides_the_papers_gam_by_about_its_groups():
    dense, grouped = (
        sum(p.numel() for p in m.parameters()) for m in (attention.GAM(64), attention.PaperGAM(64, groups=4))
    )
    assert grouped < dense / 3


def test_channel_shuffle_interleaves_groups():
    x = torch.arange(6.0).view(1, 6, 1, 1)
    assert channel_shuffle(x, 2).flatten().tolist() == [0, 3, 1, 4, 2, 5]


def test_gam_refuses_groups_that_do_not_divide():
    with pytest.raises(ValueError, match="groups=4 must divide the channels"):
        attention.PaperGAM(18)


@pytest.mark.parametrize(("channels", "hidden"), [(64, 8), (320, 10), (1024, 32)])
def test_coordinate_attention_has_at_least_eight_hidden_channels(channels, hidden):
    assert attention.CoordAtt(channels).conv1.out_channels == hidden


@pytest.mark.parametrize(("channels", "size"), [(16, 3), (64, 3), (128, 5), (256, 5), (512, 5), (1024, 5), (2048, 7)])
def test_adaptive_kernel_size_follows_equation_12(channels, size):
    # ECA-Net, sec. 4.1: gamma 2 and b 1 give k = 5 for C = 256 and C = 512.
    assert adaptive_kernel_size(channels) == size
    assert abs(size - (math.log2(channels) + 1) / 2) <= 1


def test_eca_mixes_neighbouring_channels_only():
    module, x = attention.ECA(8), torch.rand(1, 8, 4, 4)
    changed = x.clone()
    changed[:, 0] += 1
    same = [torch.equal(module(x)[:, c], module(changed)[:, c]) for c in range(8)]
    assert same == [False, False] + [True] * 6


@pytest.mark.parametrize(
    "make_even", [lambda: attention.CBAM(8, kernel_size=4), lambda: attention.ECA(8, kernel_size=2)]
)
def test_even_kernels_are_refused_with_the_value(make_even):
    with pytest.raises(ValueError, match="kernel_size must be odd, got"):
        make_even()

from __future__ import annotations

import pytest
import torch
from torch import nn

import yololab
from parts import config_of, make_attention, named
from yololab.attention.base import Attention
from yololab.attention.placebo import Cost, Placebo, cost_of, spend
from yololab.config.trust import trusting
from yololab.detector.complexity import measure, node_rows
from yololab.errors import ConfigError

CHOICES = [choice for choice in named("attention") if any(True for _ in make_attention(choice).parameters())]
CHOICES.remove("nam")  # a batch norm alone: nothing that it does is counted


def config(choice):
    return config_of("attention", choice)["attention"]


def assert_close(got, wanted, side):
    assert got.parameters == wanted.parameters
    assert abs(got.flops - wanted.flops) <= max(0.05 * wanted.flops, 4 * side**2)


@pytest.mark.parametrize("side", [10, 20, 40])
@pytest.mark.parametrize("choice", CHOICES)
def test_a_placebo_has_the_parameters_of_its_attention_and_nearly_its_flops(choice, side):
    wanted = cost_of(config(choice), 256, side)
    own = {"_target_": "yololab.attention.Placebo", "attention": config(choice), "side": side}
    assert_close(cost_of(own, 256, side), wanted, side)


@pytest.mark.parametrize("cost", [Cost(300, 2_000_000), Cost(7, 90_000), Cost(5000, 10_000), Cost(20_000, 10**9)])
def test_any_cost_can_be_spent(cost):
    """300 parameters and 7 pixelwise FLOPs a parameter: triplet attention; also far fewer and far more than fit."""
    assert_close(spend(cost, channels=64, pixels=400).cost, cost, 20)


def test_what_costs_nothing_has_no_placebo():
    with pytest.raises(ConfigError, match="SimAM has no parameters and no counted FLOPs.*attention=none"):
        yololab.build(["attention=simam", "insert_pos.placebo=true"], device="meta")


def test_what_costs_nothing_that_is_counted_has_none_on_a_small_map():
    with pytest.raises(ValueError, match="no placebo comes close enough: placebo of 512 parameters for 512"):
        cost_of({"_target_": "yololab.attention.Placebo", "attention": config("nam"), "side": 10}, 256, 10)


class Multiplies(Attention):
    """FLOPs without a parameter: nothing that a placebo could be made of."""

    def forward(self, x):
        flat = x.flatten(2)
        return (flat @ (flat.transpose(1, 2) @ flat)).view_as(x)

    def __init__(self, in_channels):
        super().__init__()


def test_a_cost_that_cannot_be_met_is_refused_with_both_numbers():
    message = "no placebo comes close enough: placebo of 0 parameters for 0"
    with trusting([__name__]), pytest.raises(ValueError, match=message):
        Placebo(16, attention={"_target_": f"{__name__}.Multiplies"})


def test_a_placebo_adds_and_never_gates():
    """Its input passes unchanged beside its branches, whatever they say; a gate would scale it."""
    module, x = Placebo(64, attention=config("cbam")), torch.randn(1, 64, 5, 5)
    for branch in (module.mix, module.context):
        if branch is not None:
            nn.init.zeros_(branch[-1].weight)
    assert torch.equal(module(x), x)


@pytest.mark.parametrize("gated", ["false", "true"])
@pytest.mark.parametrize("size", [64, 320])
def test_every_placebo_of_a_graph_matches_at_the_size_of_its_own_feature(size, gated):
    common = ["num_classes=3", f"image_size={size}", "insert_pos=all_heads", f"insert_pos.identity_start={gated}"]
    attended, placebo = (
        node_rows(yololab.build([*common, "attention=mhsa", f"insert_pos.placebo={flag}"], device="meta"), size)
        for flag in ("false", "true")
    )
    rows = [(a, p) for a, p in zip(attended, placebo, strict=True) if "attention" in a.name]
    assert len(rows) == 3
    for wanted, got in rows:
        assert got.parameters == wanted.parameters
        assert got.gflops == pytest.approx(wanted.gflops, rel=0.05), wanted.name


def test_a_placebo_study_is_one_override():
    common = ["num_classes=80", "attention=gam", "insert_pos=all_heads"]
    attended, placebo = (
        measure(yololab.build([*common, f"insert_pos.placebo={flag}"], device="meta"), 640)
        for flag in ("false", "true")
    )
    assert placebo.params_train == pytest.approx(attended.params_train, rel=0.002)
    assert placebo.gflops_train == pytest.approx(attended.gflops_train, rel=0.002)
    assert placebo.fingerprint != attended.fingerprint

from __future__ import annotations

import pytest
import torch
from omegaconf import OmegaConf

import yololab
from yololab.attention.controls import Gated, Placebo, cost_of
from yololab.detector.complexity import measure
from yololab.config.schema import conf_dir

CHOICES = sorted(path.stem for path in (conf_dir() / "attention").glob("*.yaml") if path.stem != "none")


def config(choice):
    return OmegaConf.to_container(OmegaConf.load(conf_dir() / "attention" / f"{choice}.yaml"))


@pytest.mark.parametrize("choice", CHOICES)
def test_a_gated_insertion_starts_as_the_identity_and_can_open(choice):
    module, x = Gated(64, attention=config(choice)), torch.randn(2, 64, 6, 6)
    assert torch.equal(module(x), x)
    module(x).square().sum().backward()
    assert module.gate.grad.abs() > 0


@pytest.mark.parametrize("choice", CHOICES)
def test_a_placebo_costs_what_the_attention_costs_within_its_granularity(choice):
    channels = 256
    wanted = cost_of(config(choice), channels)
    got = cost_of({"_target_": "yololab.attention.Placebo", "attention": config(choice)}, channels)
    one_unit = 2 * channels  # parameters of one hidden unit
    assert abs(got[0] - wanted[0]) <= one_unit
    rounds = Placebo(channels, attention=config(choice)).rounds
    assert abs(got[1] - wanted[1]) <= rounds * 4 * channels * 20**2
    assert (rounds > 1) == (choice in ("mhsa", "ema")), "products of features with features spend no parameters"


def test_a_placebo_adds_and_never_gates():
    """Its input passes unchanged beside its branches, whatever they say; a gate would scale it."""
    module, x = Placebo(64, attention=config("cbam")), torch.randn(1, 64, 5, 5)
    for branch in (module.mix, module.context):
        torch.nn.init.zeros_(branch[-1].weight)
    assert torch.equal(module(x), x)


@pytest.mark.parametrize("place", ["neck", "all_heads"])
def test_an_identity_started_model_computes_what_the_plain_one_computes(place):
    common = ["scale=p", "num_classes=3", "seed=2"]
    plain = yololab.build(common).eval()
    gated = yololab.build([*common, "attention=gam", f"insert_pos={place}", "insert_pos.identity_start=true"]).eval()
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(plain(images).boxes_xyxy, gated(images).boxes_xyxy)
        assert torch.equal(plain(images).scores, gated(images).scores)


def test_a_placebo_study_is_one_override():
    common = ["num_classes=80", "attention=gam", "insert_pos=all_heads"]
    attended, placebo = (
        measure(yololab.build([*common, f"insert_pos.placebo={flag}"], device="meta"), 640)
        for flag in ("false", "true")
    )
    assert placebo.params_train == pytest.approx(attended.params_train, rel=0.002)
    assert placebo.gflops_train == pytest.approx(attended.gflops_train, rel=0.002)
    assert placebo.fingerprint != attended.fingerprint


def test_a_widened_baseline_has_the_gflops_of_the_attended_model():
    """Within what one step of 8 channels allows, and without a single attention."""
    common = ["num_classes=3", "attention=gam", "insert_pos=all_heads", "image_size=320"]
    attended = measure(yololab.build(common, device="meta"), 320)
    widened = yololab.build([*common, "match=gflops"], device="meta")
    counts = measure(widened, 320)
    plain = measure(yololab.build(["num_classes=3"], device="meta"), 320)
    assert counts.gflops_train == pytest.approx(attended.gflops_train, rel=0.05)
    assert counts.gflops_train > 1.2 * plain.gflops_train
    assert not [name for name in widened.graph.names if "attention" in name]

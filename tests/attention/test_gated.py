from __future__ import annotations

import pytest
import torch

import yololab
from parts import config_of, named
from yololab.attention.gated import Gated

CHOICES = named("attention")


def config(choice):
    return config_of("attention", choice)["attention"]


@pytest.mark.parametrize("choice", CHOICES)
def test_a_gated_insertion_starts_as_the_identity_and_can_open(choice):
    module, x = Gated(64, attention=config(choice)), torch.randn(2, 64, 6, 6)
    assert torch.equal(module(x), x)
    module(x).square().sum().backward()
    assert module.gate.grad.abs() > 0


@pytest.mark.parametrize("place", ["neck", "all_heads"])
def test_an_identity_started_model_computes_what_the_plain_one_computes(place):
    common = ["scale=p", "num_classes=3", "seed=2"]
    plain = yololab.build(common).eval()
    gated = yololab.build([*common, "attention=gam", f"insert_pos={place}", "insert_pos.identity_start=true"]).eval()
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(plain(images).boxes_xyxy, gated(images).boxes_xyxy)
        assert torch.equal(plain(images).scores, gated(images).scores)

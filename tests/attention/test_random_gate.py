from __future__ import annotations

import pytest
import torch

import yololab
from parts import config_of, make_attention, named
from yololab.attention.placebo import cost_of
from yololab.attention.random_gate import RandomGate
from yololab.errors import ConfigError
from yololab.training.optimizer import parameter_groups

CHOICES = [choice for choice in named("attention") if any(True for _ in make_attention(choice).parameters())]


@pytest.mark.parametrize("choice", CHOICES)
def test_a_random_gate_costs_what_its_attention_costs_and_learns_nothing(choice):
    config = config_of("attention", choice)["attention"]
    own = {"_target_": "yololab.attention.RandomGate", "attention": config}
    assert cost_of(own, 256) == cost_of(config, 256)
    module = RandomGate(32, attention=config)
    x = torch.rand(2, 32, 8, 8, requires_grad=True)
    module(x).square().sum().backward()
    assert x.grad is not None
    assert all(parameter.grad is None for parameter in module.parameters())


def test_the_rest_of_the_network_learns_and_starts_where_the_attention_s_does():
    attended, random = (
        yololab.build(["attention=cbam", "scale=p", f"insert_pos.placebo={kind}"]) for kind in ("false", "random_gate")
    )
    assert sum(p.numel() for p in random.parameters()) == sum(p.numel() for p in attended.parameters())
    frozen, before = ([n for n, p in model.named_parameters() if not p.requires_grad] for model in (random, attended))
    own = set(frozen) - set(before)
    assert own
    assert all("attention" in name for name in own)
    learning = sum(len(group) for group in parameter_groups(random).values())
    assert learning == sum(1 for _ in random.parameters()) - len(frozen)
    start = {name.replace(".attention.", "."): p for name, p in random.named_parameters()}
    assert all(torch.equal(p, start[name]) for name, p in attended.named_parameters())


def test_what_has_no_weights_has_no_random_gate():
    with pytest.raises(ConfigError, match="SimAM has no weights that could be frozen.*attention=none"):
        yololab.build(["attention=simam", "insert_pos.placebo=random_gate"], device="meta")


def test_an_unknown_placebo_is_named_with_the_nearest():
    with pytest.raises(ConfigError, match=r"insert_pos.placebo=random_gat: expected.*did you mean 'random_gate'"):
        yololab.build(["attention=cbam", "insert_pos.placebo=random_gat"], device="meta")

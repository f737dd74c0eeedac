"""The contract of every attention of conf/attention."""

from __future__ import annotations

import pytest
import torch

from parts import choices, config_of, make_attention, named
from yololab.config.target import TARGET
from yololab.graph.node import FeatureSpec


@pytest.mark.parametrize("choice", named("attention"))
class TestContract:
    def test_shape_is_kept(self, choice):
        for shape in [(2, 32, 6, 10), (1, 32, 1, 1)]:
            assert make_attention(choice).eval()(torch.rand(shape)).shape == shape

    def test_spec_is_kept(self, choice):
        spec = FeatureSpec(32, 16)
        assert type(make_attention(choice)).out_spec([spec]) == spec

    def test_every_parameter_gets_a_gradient(self, choice):
        module = make_attention(choice)
        for parameter in module.parameters():
            parameter.data += 0.1 * torch.randn_like(parameter)  # some begin where they have no slope yet
        module(torch.randn(2, 32, 8, 8, requires_grad=True)).square().sum().backward()
        assert [name for name, p in module.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0] == []

    def test_images_of_a_batch_do_not_mix(self, choice):
        module, x = make_attention(choice).eval(), torch.rand(3, 32, 8, 8)
        torch.testing.assert_close(module(x)[1:2], module(x[1:2]))

    def test_backward_is_deterministic(self, choice):
        torch.use_deterministic_algorithms(True)
        try:
            make_attention(choice)(torch.rand(2, 32, 8, 8, requires_grad=True)).sum().backward()
        finally:
            torch.use_deterministic_algorithms(False)

    def test_state_round_trips(self, choice):
        first, second = make_attention(choice), make_attention(choice)
        for parameter in first.parameters():
            torch.nn.init.normal_(parameter, std=0.1)
        second.load_state_dict(first.state_dict())
        x = torch.rand(2, 32, 8, 8)
        torch.testing.assert_close(first.eval()(x), second.eval()(x))


def test_none_is_the_only_choice_that_names_nothing():
    assert set(choices("attention")) - set(named("attention")) == {"none"}
    assert config_of("attention", "none")["attention"][TARGET] is None

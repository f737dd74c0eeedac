from __future__ import annotations

import copy

import pytest
import torch

import yololab
from yololab.errors import ConfigError
from yololab.training.compiled import compile_for_training


def test_a_compiled_network_trains_as_it_would_and_keeps_its_weights_names():
    network = yololab.build(["model=yolov8", "scale=p"]).train()
    compiled, x = copy.deepcopy(network), torch.rand(2, 3, 64, 64)
    compile_for_training(compiled, "eager")
    losses = []
    for one in (network, compiled):
        total = _sum(one(x))
        total.backward()
        losses.append(total.detach())
    torch.testing.assert_close(*losses)
    assert compiled.state_dict().keys() == network.state_dict().keys()
    for name, parameter in compiled.named_parameters():
        torch.testing.assert_close(parameter.grad, network.get_parameter(name).grad, rtol=1e-3, atol=1e-4)
    copy.deepcopy(compiled)


def _sum(found):
    if isinstance(found, torch.Tensor):
        return found.sum()
    values = found.values() if isinstance(found, dict) else [value for value in found if value is not None]
    return sum(_sum(value) for value in values)


def test_a_backend_that_torch_has_not_is_refused_and_none_changes_nothing():
    network = torch.nn.Conv2d(3, 4, 3)
    with pytest.raises(ConfigError, match="runtime.compile=inducter.*did you mean 'inductor'"):
        compile_for_training(network, "inducter")
    compile_for_training(network, None)
    assert network._compiled_call_impl is None

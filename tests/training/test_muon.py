"""Muon against torch's own, and against what it promises."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from yololab.training.muon import Muon, orthogonalised


@pytest.mark.parametrize("shape", [(8, 24), (24, 8), (16, 16)])
def test_matrices_move_as_torchs_own_moves_them(shape):
    theirs_of = getattr(torch.optim, "Muon", None)
    if theirs_of is None:
        pytest.skip("torch.optim.Muon came with torch 2.9")
    torch.manual_seed(0)
    start = torch.randn(shape)
    ours, theirs = nn.Parameter(start.clone()), nn.Parameter(start.clone())
    settings = {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.1}
    optimizers = (Muon([ours], **settings), theirs_of([theirs], nesterov=True, **settings))
    for _ in range(4):
        gradient = torch.randn(shape)
        for parameter, optimizer in zip((ours, theirs), optimizers, strict=True):
            parameter.grad = gradient.clone()
            optimizer.step()
    torch.testing.assert_close(ours, theirs, rtol=0, atol=2e-3)  # theirs iterates in bfloat16
    assert (ours - start).abs().max() > 0.02


def test_what_is_no_matrix_moves_as_sgd():
    torch.manual_seed(0)
    start = torch.randn(7)
    ours, theirs = nn.Parameter(start.clone()), nn.Parameter(start.clone())
    settings = {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.1}
    optimizers = (Muon([ours], **settings), torch.optim.SGD([theirs], nesterov=True, **settings))
    for _ in range(4):
        gradient = torch.randn(7)
        for parameter, optimizer in zip((ours, theirs), optimizers, strict=True):
            parameter.grad = gradient.clone()
            optimizer.step()
    torch.testing.assert_close(ours, theirs)


@pytest.mark.parametrize("shape", [(16, 8, 3, 3), (32, 4, 1, 1), (16, 1, 3, 3)])
def test_singular_values_of_a_kernel_come_near_one(shape):
    torch.manual_seed(0)
    found = orthogonalised(torch.randn(shape))
    assert found.shape == shape
    matrix = found.flatten(1)
    values = torch.linalg.svdvals(matrix) / max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
    assert values.min() > 0.5
    assert values.max() < 1.3


def test_channels_last_changes_nothing():
    torch.manual_seed(0)
    gradient = torch.randn(16, 8, 3, 3)
    last = orthogonalised(gradient.contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(last, orthogonalised(gradient))


def test_no_gradient_at_all_moves_nothing():
    parameter = nn.Parameter(torch.ones(4, 4))
    parameter.grad = torch.zeros(4, 4)
    Muon([parameter]).step()
    assert (parameter == 1).all()


def test_mixed_precision_changes_nothing():
    torch.manual_seed(0)
    gradient = torch.randn(16, 8, 3, 3)
    with torch.autocast("cpu", torch.bfloat16):
        mixed = orthogonalised(gradient)
    assert torch.equal(mixed, orthogonalised(gradient))

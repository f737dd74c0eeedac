"""Muon: momentum whose matrix is made orthogonal before it is a step (Jordan et al., 2024); SGD for what is no matrix.

A kernel (out, in, k, k) counts as the matrix (out, in k k). B <- mu B + g, G = g + mu B (Nesterov), and the step is
-lr NS(G) sqrt(max(1, rows / columns)) behind decoupled weight decay. NS takes five Newton-Schulz iterations with the
quintic 3.4445 x - 4.775 x^3 + 2.0315 x^5, which brings every singular value near 1. torch.optim.Muon, of torch 2.9 and
later, gives the same numbers for matrices, and takes nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from yololab.ops.precision import full_precision

QUINTIC = (3.4445, -4.7750, 2.0315)
ITERATIONS = 5
EPS = 1e-7
MATRIX_AXES = 2


class Muon(Optimizer):
    """Parameters of at least two axes by Muon, all others by SGD with Nesterov momentum, both at the group's `lr`."""

    def __init__(self, params: Any, lr: float = 0.01, momentum: float = 0.95, weight_decay: float = 0.0) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One step of every parameter with a gradient."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._move(parameter, group)
        return loss

    def _move(self, parameter: Tensor, group: dict[str, Any]) -> None:
        gradient, lr, momentum = parameter.grad, group["lr"], group["momentum"]
        assert gradient is not None
        is_matrix = parameter.ndim >= MATRIX_AXES
        if group["weight_decay"] and not is_matrix:
            gradient = gradient.add(parameter, alpha=group["weight_decay"])
        state = self.state[parameter]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(parameter)
        buffer = state["momentum_buffer"].mul_(momentum).add_(gradient)
        change = gradient.add(buffer, alpha=momentum)
        if is_matrix:
            parameter.mul_(1 - lr * group["weight_decay"])
            change = orthogonalised(change)
        parameter.add_(change, alpha=-lr)


def orthogonalised(change: Tensor) -> Tensor:
    """A tensor (out, ...) as the matrix (out, rest) with singular values near 1, times sqrt(max(1, out / rest))."""
    matrix = change.detach().flatten(1).float()
    is_tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if is_tall else matrix
    x = x / (x.norm() + EPS)
    a, b, c = QUINTIC
    with full_precision(x.device):
        for _ in range(ITERATIONS):
            square = x @ x.T
            x = torch.addmm(x, torch.addmm(square, square, square, beta=b, alpha=c), x, beta=a)
    x = (x.T if is_tall else x) * max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5
    return x.reshape(change.shape).to(change.dtype)

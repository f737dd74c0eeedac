"""Optimizers with three parameter groups that cover every trainable parameter."""

from __future__ import annotations

from torch import nn
from torch.optim import SGD, AdamW, Optimizer

NO_DECAY_BELOW = 2
"""Parameters with fewer axes (norms, biases, scalars) are not decayed."""


def make_optimizer(model: nn.Module, *, name: str, lr: float, momentum: float, weight_decay: float) -> Optimizer:
    """SGD with Nesterov momentum ("sgd") or AdamW ("adamw"); groups named weights, norms, biases."""
    groups = parameter_groups(model)
    options = [
        {"name": "weights", "params": groups["weights"], "weight_decay": weight_decay},
        {"name": "norms", "params": groups["norms"], "weight_decay": 0.0},
        {"name": "biases", "params": groups["biases"], "weight_decay": 0.0},
    ]
    options = [group for group in options if group["params"]]
    if name == "adamw":
        return AdamW(options, lr=lr, betas=(momentum, 0.999))
    return SGD(options, lr=lr, momentum=momentum, nesterov=momentum > 0)


def parameter_groups(model: nn.Module) -> dict[str, list[nn.Parameter]]:
    """Biases by name, everything else by its number of axes: bare parameters of any module are included."""
    groups: dict[str, list[nn.Parameter]] = {"weights": [], "norms": [], "biases": []}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        if name.rpartition(".")[2] == "bias":
            groups["biases"].append(parameter)
        else:
            groups["norms" if parameter.ndim < NO_DECAY_BELOW else "weights"].append(parameter)
    return groups


def scaled_weight_decay(weight_decay: float, batch: int, accumulate: int, nominal: int) -> float:
    """Weight decay for the images that enter one optimizer step; `weight_decay` holds at `nominal` images."""
    return weight_decay * batch * accumulate / nominal

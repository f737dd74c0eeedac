"""Optimizers with three parameter groups that cover every trainable parameter, and the rule that chooses one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from torch import nn
from torch.optim import SGD, AdamW, Optimizer

from yololab.training.muon import Muon

NO_DECAY_BELOW = 2
"""Parameters with fewer axes (norms, biases, scalars) are not decayed."""
AUTO = "auto"
MOST_STEPS_OF_ADAMW = 10_000


@dataclass(frozen=True)
class OptimizerConfig:
    """Which optimizer, and where its rates start. With "auto", None stands for what `decided` fills in."""

    name: str
    lr: float | None
    momentum: float | None
    """AdamW's first beta"""
    warmup_bias_lr: float | None
    weight_decay: float

    def decided(self, images: int, epochs: int, images_per_step: int, num_classes: int) -> OptimizerConfig:
        """The same with nothing left open.

        "auto" is ultralytics' rule: AdamW at 0.002 * 5 / (4 + classes) for training of at most 10,000 steps, else SGD
        at 0.01; momentum 0.9, and biases warm up from 0. A rate that is given stays.
        """
        if self.name != AUTO:
            return self
        few = math.ceil(images / images_per_step) * epochs <= MOST_STEPS_OF_ADAMW
        lr = round(0.002 * 5 / (4 + num_classes), 6) if few else 0.01
        return OptimizerConfig(
            "adamw" if few else "sgd",
            lr if self.lr is None else self.lr,
            0.9 if self.momentum is None else self.momentum,
            0.0 if self.warmup_bias_lr is None else self.warmup_bias_lr,
            self.weight_decay,
        )


def make_optimizer(
    model: nn.Module,
    *,
    name: str,
    lr: float,
    momentum: float,
    weight_decay: float,
    factors: Mapping[str, float] | None = None,
) -> Optimizer:
    """SGD with Nesterov momentum ("sgd"), AdamW ("adamw") or Muon ("muon"); groups named weights, norms, biases.

    `factors` are shares of the learning rate by parameter; for each there are three groups more, after those of 1.
    """
    factors = factors or {}
    named = {id(parameter): factors.get(key, 1.0) for key, parameter in model.named_parameters()}
    options = []
    for factor in sorted(set(named.values()), key=lambda value: (value != 1, value)):
        for kind, parameters in parameter_groups(model).items():
            own = [parameter for parameter in parameters if named[id(parameter)] == factor]
            decay = weight_decay if kind == "weights" else 0.0
            if own:
                options.append(
                    {"name": kind, "params": own, "weight_decay": decay, "lr": lr * factor, "factor": factor}
                )
    if name == "adamw":
        return AdamW(options, lr=lr, betas=(momentum, 0.999))
    if name == "muon":
        return Muon(options, lr=lr, momentum=momentum)
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


def scaled_weight_decay(weight_decay: float, images_per_step: int, nominal: int) -> float:
    """Weight decay for the images that enter one optimizer step; `weight_decay` holds at `nominal` images."""
    return weight_decay * images_per_step / nominal

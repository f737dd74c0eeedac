"""Activations by name, so that graphs stay data."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from yololab.errors import did_you_mean

_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "silu": lambda: nn.SiLU(inplace=True),
    "relu": lambda: nn.ReLU(inplace=True),
    "leaky_relu": lambda: nn.LeakyReLU(0.1, inplace=True),
    "hardswish": lambda: nn.Hardswish(inplace=True),
    "identity": nn.Identity,
}


def make_activation(name: str) -> nn.Module:
    """Return a new activation module; ValueError with the nearest name for an unknown one."""
    if name not in _ACTIVATIONS:
        raise ValueError(f"unknown activation {name!r}{did_you_mean(name, _ACTIVATIONS)}")
    return _ACTIVATIONS[name]()

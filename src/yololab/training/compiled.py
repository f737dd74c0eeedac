"""torch.compile for the training network: runtime.compile."""

from __future__ import annotations

import torch
from torch import nn

from yololab.errors import ConfigError, did_you_mean


def compile_for_training(network: nn.Module, backend: str | None) -> None:
    """Let `network` compute by what a backend of torch.compile makes of it, "inductor" for one; None changes nothing.

    Weights, their names, copies and checkpoints stay as they are. Compiled arithmetic may round otherwise. ConfigError
    for a backend that torch does not have.
    """
    if backend is None:
        return
    known = [*torch.compiler.list_backends(exclude_tags=()), "inductor"]
    if backend not in known:
        raise ConfigError(f"runtime.compile={backend}: torch.compile has no such backend{did_you_mean(backend, known)}")
    network.compile(backend=backend)

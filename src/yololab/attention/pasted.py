"""Pasted: a plain torch module as attention, as tutorials print them: class X(nn.Module) whose first argument counts
channels. Its shape is tried when it is built, so that what does not fit is told before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from yololab.attention.base import Attention
from yololab.config.target import TARGET, arguments_of, find_class
from yololab.errors import ConfigError

TRIED = (16, 12)
"""Height and width of the feature that is tried; unlike, so that swapped axes are seen"""


class Pasted(Attention):
    """A module that keeps the shape of its one input. ConfigError where it does not, or cannot be made or run."""

    def __init__(self, in_channels: int, *, attention: Mapping[str, Any]) -> None:
        super().__init__()
        path = attention[TARGET]
        found = find_class(path, nn.Module)
        try:
            self.module = found(in_channels, **arguments_of(attention))
        except Exception as error:  # a module of somebody's own can fail in any way
            reason = f"{type(error).__name__}: {error}"
            raise ConfigError(
                f"attention: {path} cannot be made of {in_channels} channels ({reason}); its first argument must be "
                "the number of channels, further ones can be given as attention.<name>=..."
            ) from error
        self._try(path, in_channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        return self.module(x)

    def _try(self, path: str, in_channels: int) -> None:
        device = next((tensor.device for tensor in [*self.parameters(), *self.buffers()]), None)
        shape = (1, in_channels, *TRIED)
        state = torch.get_rng_state()
        self.eval()
        try:
            with torch.no_grad():
                found = self.module(torch.zeros(shape, device=device))
        except Exception as error:
            reason = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
            raise ConfigError(f"attention: {path} fails on a feature of shape {shape} ({reason:.300})") from error
        finally:
            self.train()
            torch.set_rng_state(state)
        got = tuple(found.shape) if isinstance(found, Tensor) else f"a {type(found).__name__}"
        if got != shape:
            raise ConfigError(f"attention: {path} makes {got} of a feature of shape {shape}; it must keep the shape")

"""Arithmetic that must stay in float32 whatever the precision of training."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch


def full_precision(device: torch.device) -> AbstractContextManager[None]:
    """A context without autocast; the meta device, which counts and does not compute, has none."""
    return nullcontext() if device.type == "meta" else torch.autocast(device.type, enabled=False)  # type: ignore[return-value]

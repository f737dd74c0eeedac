"""Imported by the fork server: everything that a run needs and that takes seconds to import.

Nothing here may start a thread or CUDA: processes are forked from what this leaves behind.
"""

from __future__ import annotations

import os

# torch asks the driver's management library instead of starting CUDA, which would not survive the fork.
os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")

import contextlib
import importlib
import signal

import matplotlib.pyplot  # noqa: F401
import torch
from torch.utils.flop_counter import FlopCounterMode

LATE_IMPORTS = ("wandb", "wandb.sdk.launch", "lightning.pytorch.loggers.wandb", "pandas", "scipy.stats")
"""What W&B and others import in the middle of a run, where they are installed: two seconds of a run."""

for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
    # What is meant for the whole group must not end the server: runs would lose the one who knows how they end. It
    # goes when its sweep goes; runs answer these signals themselves.
    signal.signal(number, signal.SIG_IGN)

for name in LATE_IMPORTS:
    with contextlib.suppress(ImportError):
        importlib.import_module(name)


def _count_on_meta() -> None:
    """The first count on the meta device imports torch's decompositions, for seconds."""
    layers = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.SiLU()).to("meta").eval()
    with torch.no_grad(), FlopCounterMode(display=False):
        layers(torch.empty(1, 3, 8, 8, device="meta"))


_count_on_meta()

"""Imported by the fork server: everything that a run needs and that takes seconds to import.

Nothing here may start a thread or CUDA: processes are forked from what this leaves behind.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
import signal

OWN = ("yololab.run.process", "yololab.run.start", "yololab.run.execute", "yololab.run.pictures")
NEEDED = ("torch", "matplotlib.pyplot", *OWN)
LATE = (
    "wandb",
    "wandb.sdk.launch",
    "lightning.pytorch.loggers.wandb",
    "pandas",
    "scipy.stats",
    "requests",
    "psutil",
    "jsonschema",
)
"""What W&B and others import in the middle of a run, where they are installed: two seconds of a run."""


def _be_a_server() -> None:
    # torch asks the driver's management library instead of starting CUDA, which would not survive the fork.
    os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")
    # It has nothing to take apart, and its end is waited for where output is piped. Runs end without this.
    atexit.register(os._exit, 0)
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
        # What is meant for the whole group must not end the server: runs would lose the one who knows how they end.
        # It goes when its sweep goes; runs answer these signals themselves.
        signal.signal(number, signal.SIG_IGN)


def _import_all() -> None:
    gc.disable()  # nothing that is imported is garbage, and looking for it takes a twentieth of the time
    for name in NEEDED:
        importlib.import_module(name)
    for name in LATE:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    _count_on_meta()
    gc.enable()


def _count_on_meta() -> None:
    """The first sum on the meta device imports torch's decompositions, for seconds."""
    import torch

    layers = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.SiLU()).to("meta").eval()
    with torch.no_grad():
        layers(torch.empty(1, 3, 8, 8, device="meta"))


_be_a_server()
_import_all()

"""The fork server of a sweep's runs. Nothing here is heavy: the earlier it starts, the earlier the first run does."""

from __future__ import annotations

import multiprocessing
import os

PRELOAD = "yololab.sweep.launch.preload"


def start_server() -> None:
    """Start the fork server, which imports everything in the background; runs then start in a fraction of a second."""
    from multiprocessing import forkserver

    multiprocessing.get_context("forkserver").set_forkserver_preload([PRELOAD])
    os.environ.setdefault("PYTORCH_NVML_BASED_CUDA_CHECK", "1")
    forkserver.ensure_running()

"""Beginning a W&B run: quiet, offline unless asked, its files in a folder of ours."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def begin(folder: Path, *, mode: str, **arguments: Any) -> Any:
    """wandb.init with what all of our runs share; `mode` is "offline" or "online"."""
    os.environ.setdefault("WANDB_SILENT", "true")
    import wandb

    return wandb.init(
        dir=str(folder.absolute()),  # wandb's service has a working folder of its own
        mode="offline" if mode == "offline" else "online",
        settings=wandb.Settings(console="off", silent=True, x_disable_stats=True),
        **arguments,
    )

"""Shared memory that DataLoader workers hand batches over in: how much they need, how much there is."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import torch

from yololab.data.batch import MASK_RATIO
from yololab.errors import ConfigError

SHARED = Path("/dev/shm")  # nosec B108 # where Linux keeps it; nothing is written by its name
PREFETCH = 2
"""Batches that each worker keeps ready, as DataLoader has it"""
IN_FLIGHT = 2
"""Batches that have left their queue and still lie in shared memory: on their way, and under way"""
MAX_AUTO_WORKERS = 8
TENSORS = 6
"""Files that a batch holds open, at most"""
MIB = 2**20


def batch_bytes(images: int, size: int, with_masks: bool) -> int:
    """Bytes of the largest batch: images uint8 and, with masks, instance maps int32 at a quarter of the resolution."""
    masks = 4 * (size // MASK_RATIO) ** 2 if with_masks else 0
    return images * (3 * size**2 + masks)


def free_bytes() -> int | None:
    """Free shared memory; None where this system has none that can be asked."""
    try:
        return shutil.disk_usage(SHARED).free
    except OSError:
        return None


def decide_workers(asked: Any, batch: int) -> tuple[int, str | None]:
    """How many workers (runtime.workers: "auto" or a number) hand over batches of `batch` bytes, and a remark or None.

    "auto" is lowered to what fits. ConfigError where a number was asked for that does not: workers on full shared
    memory hang or die.
    """
    wanted = _auto() if asked == "auto" else int(asked)
    free = free_bytes()
    if wanted == 0 or free is None or _needed(wanted, batch) <= free:
        return wanted, None
    fits = max(0, (free // max(batch, 1) - IN_FLIGHT) // PREFETCH)
    need = _needed(wanted, batch) // MIB
    found = f"{wanted} workers need {need} MiB of shared memory and {SHARED} has {free // MIB} free"
    more = "docker run --shm-size=2g, or a smaller recipe.batch_size, makes room for more"
    if asked == "auto":
        return fits, f"{found}: {fits} instead; {more}"
    raise ConfigError(f"runtime.workers={asked}: {found}; write runtime.workers={fits}, or: {more}")


def share_by_name_where_files_are_few(workers: int) -> None:
    """Share tensors by name rather than by an open file each, where the limit of open files would not last."""
    try:
        import resource
    except ImportError:  # not on Windows, which shares by name anyway
        return
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if limit != resource.RLIM_INFINITY and limit < 256 + TENSORS * (PREFETCH * workers + IN_FLIGHT):
        torch.multiprocessing.set_sharing_strategy("file_system")


def _auto() -> int:
    return min(MAX_AUTO_WORKERS, torch.get_num_threads()) if torch.cuda.is_available() else 0


def _needed(workers: int, batch: int) -> int:
    return (PREFETCH * workers + IN_FLIGHT) * batch

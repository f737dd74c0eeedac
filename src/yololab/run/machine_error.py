"""What the machine did to a run, in words: memory, shared memory, workers, disk."""

from __future__ import annotations

import errno
import re
from collections.abc import Mapping
from typing import Any

import torch

from yololab.errors import RunFailed, YololabError

SHARED_MEMORY = re.compile(r"signal: Bus error|(shared memory|file </torch_\d+).*No space left", re.DOTALL)
NO_GPU_MEMORY = re.compile(r"CUDA error: out of memory|CU(BLAS|DNN)_STATUS_ALLOC_FAILED|MPS backend out of memory")
NO_MEMORY = re.compile(r"can't allocate memory|Cannot allocate memory|std::bad_alloc|Insufficient memory")
FILES = re.compile("Too many open files|received 0 items of ancdata")
WORKER = re.compile(
    r"DataLoader worker \(pid(?:\(s\))? ([\d, ]+)\) (is killed by signal: ([\w ]+)|exited unexpectedly)"
)
TIMED_OUT = re.compile(r"DataLoader timed out after (\d+)")


class MachineError(RunFailed):
    """The machine, not the run's choices, has ended the run; it can go on from its checkpoint."""


def in_words(error: BaseException, config: Mapping[str, Any]) -> YololabError | None:
    """What happened and what to do about it; None for errors that are no trouble of the machine's."""
    if isinstance(error, YololabError) or not isinstance(error, Exception):
        return None
    text = str(error)
    if isinstance(error, torch.OutOfMemoryError) or NO_GPU_MEMORY.search(text):
        return MachineError(f"the GPU ran out of memory{_amount(text)}; {_smaller(config)}")
    if FILES.search(text):
        return MachineError(
            "too many files are open at once; ulimit -n 4096 allows more, fewer runtime.workers need less"
        )
    if SHARED_MEMORY.search(text):
        return MachineError(
            "shared memory (/dev/shm) ran full, through which workers hand over batches; runtime.workers=0 does "
            "without, docker run --shm-size=2g gives more"
        )
    if isinstance(error, MemoryError) or NO_MEMORY.search(text):
        return MachineError(
            f"the machine ran out of memory; fewer runs at a time or runtime.workers, or {_smaller(config)}"
        )
    return _of_workers(text) or _of_disk(error)


def _of_workers(text: str) -> YololabError | None:
    late, ended = TIMED_OUT.search(text), WORKER.search(text)
    if late:
        return MachineError(
            f"no batch came from the workers for {late[1]} s (runtime.loader_timeout); the disk of the data may hang, "
            "shared memory be full or too many files be open; runtime.workers=0 does without workers"
        )
    if "Pin memory thread exited" in text:
        return MachineError("the thread that hands batches to the GPU ended; runtime.workers=0 does without it")
    if ended:
        pids, how = ended[1], f"was killed ({ended[3].strip()})" if ended[3] else "ended"
        return MachineError(
            f"the worker process {pids} that prepares batches {how}; when memory runs out, the system kills: fewer "
            "runs at a time or a smaller runtime.workers need less"
        )
    return None


def _of_disk(error: Exception) -> YololabError | None:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT) and error.filename is None:
        return YololabError("no space left on the disk; make room, then the same command goes on")
    return None


def _amount(text: str) -> str:
    found = re.search(r"Tried to allocate ([\d.]+ \w+)", text)
    return f" (it wanted {found[1]} more)" if found else ""


def _smaller(config: Mapping[str, Any]) -> str:
    """Overrides that need less memory; gradients of as many images make a step, as far as that can be had."""
    recipe = config["recipe"]
    size, every = recipe["batch_size"], recipe["accumulate"]
    if size == 1:
        return "a smaller image_size or scale needs less"
    half = f"recipe.batch_size={size // 2}"
    if isinstance(every, int):
        half += f" recipe.accumulate={every * 2}"
    return f"{half} needs about half, recipe.precision=bf16-mixed less still"

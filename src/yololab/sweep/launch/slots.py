"""What a machine has for runs: places to run at once, CPU threads and GPUs for each."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Slot:
    """A place for one run."""

    threads: int
    gpus: tuple[str, ...] = ()
    """As CUDA_VISIBLE_DEVICES names them; empty: leave that variable alone"""

    def environment(self) -> dict[str, str]:
        """Variables that keep a run to its share."""
        shares = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(self.threads))
        return shares | ({"CUDA_VISIBLE_DEVICES": ",".join(self.gpus)} if self.gpus else {})


def visible_gpus(environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Names of the GPUs that this process may use; asks the driver without starting CUDA here."""
    environment = os.environ if environment is None else environment
    named = environment.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return tuple(name for name in named.split(",") if name.strip() not in ("", "-1"))
    if shutil.which("nvidia-smi") is None:
        return ()
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=30, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    count = sum(line.startswith("GPU ") for line in listed.splitlines())
    return tuple(str(index) for index in range(count))


def available_cores() -> int:
    """Cores that this process may run on."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def make_slots(
    n_jobs: int | None,
    threads: int | None,
    gpus: tuple[str, ...],
    devices: int,
    cores: int,
    runs_per_gpu: int = 1,
) -> list[Slot]:
    """Places for runs that train on `devices` devices each.

    Without `n_jobs`, `runs_per_gpu` for every `devices` GPUs, and one where there are none. More jobs than GPUs share
    them in turn. Without `threads`, a run has what OMP_NUM_THREADS says, else an equal share of the cores.
    """
    groups = [gpus[start : start + devices] for start in range(0, len(gpus) - devices + 1, devices)]
    count = n_jobs if n_jobs is not None else max(1, runs_per_gpu * len(groups))
    asked = os.environ.get("OMP_NUM_THREADS", "")
    share = threads or (int(asked) if asked.isdigit() and int(asked) > 0 else max(1, cores // count))
    return [Slot(share, groups[index % len(groups)] if groups else ()) for index in range(count)]

"""What a run was made with: library versions, machine, git commit and uncommitted changes."""

from __future__ import annotations

import hashlib
import os
import platform
import resource
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from yololab.files import write_text
from yololab.run.openmp import waiting

LIBRARIES = (
    "yololab",
    "torch",
    "torchvision",
    "lightning",
    "hydra-core",
    "omegaconf",
    "numpy",
    "opencv-python-headless",
    "torchmetrics",
    "hotcoco",
    "pycocotools",
    "wandb",
    "timm",
)


def library_versions() -> dict[str, str]:
    """Versions of everything that may change a number."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def machine() -> dict[str, Any]:
    """Processor, threads and how they wait for each other, accelerators; no host name."""
    devices = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return {
        "system": platform.system(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpus": devices,
        "waiting": waiting(),
    }


def device_name(device: torch.device) -> str:
    """What trains: "cpu", or the name of the GPU."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


DIFF_FILE = "uncommitted.diff"


def peak_memory() -> dict[str, float]:
    """Most bytes that this process, and the GPU for it, have held at one time."""
    unit = 1 if platform.system() == "Darwin" else 1024
    found = {"process": float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)}
    if torch.cuda.is_initialized():
        found["gpu"] = float(torch.cuda.max_memory_allocated())
    return found


def git_state(keep_in: Path | None = None) -> dict[str, Any]:
    """Commit and hash of the uncommitted changes of the checkout that holds this package; empty outside of one.

    The changes themselves are written to uncommitted.diff in `keep_in`, where there are any.
    """
    folder = Path(__file__).parent
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return {"commit": None, "dirty": None}
    root = _git(folder, "rev-parse", "--show-toplevel") or str(folder)
    changes = _git(folder, "diff", "HEAD") or ""
    digest = hashlib.sha256(changes.encode())
    untracked = _git(Path(root), "ls-files", "--others", "--exclude-standard") or ""
    for name in untracked.splitlines():
        digest.update(name.encode())
        digest.update((Path(root) / name).read_bytes() if (Path(root) / name).is_file() else b"")
    is_clean = not _git(folder, "status", "--porcelain")
    if is_clean:
        return {"commit": commit, "dirty": None}
    state: dict[str, Any] = {"commit": commit, "dirty": digest.hexdigest()[:16]}
    if keep_in is not None:
        write_text(keep_in / DIFF_FILE, changes + "\n")
        state["diff"] = DIFF_FILE
    return state


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()

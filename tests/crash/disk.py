"""A small file system of a test's own, which can be filled and made read-only while something runs on it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

KIB, MIB = 2**10, 2**20


@dataclass(frozen=True)
class Disk:
    path: Path

    def resize(self, size: int) -> None:
        self._remount(f"size={size // KIB}k")

    def leave_free(self, size: int) -> None:
        """As much more than is used now."""
        self.resize(shutil.disk_usage(self.path).used + size)

    def forbid_writing(self, forbidden: bool) -> None:
        self._remount("ro" if forbidden else "rw")

    def _remount(self, option: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{option}", str(self.path)], check=True)


@contextmanager
def small_disk(path: Path, size: int) -> Iterator[Disk]:
    """Mount it; skips the test where that is not allowed."""
    path.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size // KIB}k", "tmpfs", str(path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small file system needs root")
    try:
        yield Disk(path)
    finally:
        subprocess.run(["umount", "-l", str(path)], check=False)

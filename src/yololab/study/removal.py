"""Making room: checkpoints of finished runs go by a rule, records never do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from yololab.run.claim import Watch
from yololab.run.folder import RunFolder

KEEP = {"best": ("best.ckpt",), "last": ("last.ckpt",), "none": ()}


@dataclass(frozen=True)
class Removable:
    """A checkpoint that the rule does not keep."""

    path: Path
    size: int


def removable(folders: Sequence[RunFolder], keep: str) -> list[Removable]:
    """Checkpoints of runs that are done and that nobody runs; `keep` is best, last or none."""
    watch = Watch()
    found = []
    for folder in folders:
        if folder.record() is None or watch.holder(folder.path) is not None:
            continue
        for path in sorted(folder.checkpoints.glob("*.ckpt")):
            if path.name not in KEEP[keep]:
                found.append(Removable(path, path.stat().st_size))
    return found

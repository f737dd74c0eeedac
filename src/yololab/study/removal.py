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
    """Checkpoints of runs that are done and that nobody runs; `keep` is best, last or none.

    Nothing outside of the runs' own folders is ever among them: links are left alone.
    """
    watch = Watch()
    found: list[Removable] = []
    for folder in folders:
        if _is_link(folder) or not folder.state(running=False).is_finished or watch.holder(folder.path) is not None:
            continue
        for path in sorted(folder.checkpoints.glob("*.ckpt")):
            if path.name not in KEEP[keep] and path.is_file() and not path.is_symlink():
                found.append(Removable(path, path.stat().st_size))
    return found


def left_alone(folders: Sequence[RunFolder]) -> list[str]:
    """Runs whose checkpoints stay whatever the rule says, and why, a line each."""
    linked = {
        folder: f"{folder.path}: it, or its checkpoints, is a link to elsewhere; left alone"
        for folder in folders
        if _is_link(folder)
    }
    return [reason for folder in folders if (reason := linked.get(folder) or folder.damage())]


def _is_link(folder: RunFolder) -> bool:
    return folder.path.is_symlink() or folder.checkpoints.is_symlink()

"""Making room: checkpoints, pictures and trackers' copies of finished runs go by a rule, records never do."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from yololab.run.claim import Watch
from yololab.run.folder import RunFolder
from yololab.trackers.offline import SYNCED, is_uploaded

KEEP = {"best": ("best.ckpt",), "last": ("last.ckpt",), "none": ()}


PLACES = {
    "checkpoints": "checkpoints",
    "predictions": "pictures",
    "diverged": "broken batches",
    "wandb": "trackers",
    "tensorboard": "trackers",
    "mlflow_artifacts": "trackers",
    "mlflow.db": "trackers",
}
"""What takes room, by the first part of a file's path in a run's or a study's folder; anything else is a record"""


@dataclass(frozen=True)
class Rule:
    """What stays."""

    keep: str = "best"
    """Which checkpoint: best, last or none"""
    pictures: int | None = None
    """Prediction pictures of a run; None for all"""
    uploaded: bool = True
    """Offline W&B folders that W&B has"""


@dataclass(frozen=True)
class Removable:
    """A file that the rule does not keep."""

    path: Path
    size: int
    kind: str
    """checkpoints, pictures or trackers"""


def removable(folders: Sequence[RunFolder], rule: Rule) -> list[Removable]:
    """Files of runs that are done and that nobody runs.

    Nothing outside of the runs' own folders is ever among them: links are left alone.
    """
    watch = Watch()
    found: list[Removable] = []
    for folder in folders:
        if _is_link(folder) or not folder.state(running=False).is_finished or watch.holder(folder.path) is not None:
            continue
        checkpoints = [path for path in folder.checkpoints.glob("*.ckpt") if path.name not in KEEP[rule.keep]]
        found += _files(checkpoints, "checkpoints")
        if rule.pictures is not None and not (folder.path / "predictions").is_symlink():
            found += _files(sorted((folder.path / "predictions").glob("*.jpg"))[rule.pictures :], "pictures")
        if not rule.uploaded:
            found += _uploaded(folder.path)
    return found


def _uploaded(folder: Path) -> list[Removable]:
    """Files of offline W&B folders that were uploaded, but for the mark that says so."""
    if (folder / "wandb").is_symlink():
        return []
    done = [path for path in sorted((folder / "wandb").glob("offline-run-*")) if is_uploaded(path)]
    inside = [path for one in done if not one.is_symlink() for path in own_files(one)]
    return _files([path for path in inside if not path.name.endswith(SYNCED)], "trackers")


def own_files(folder: Path) -> list[Path]:
    """All files below a folder; links are not followed and not among them."""
    found: list[Path] = []
    for place, _, names in os.walk(folder):
        found += [Path(place) / name for name in names]
    return sorted(path for path in found if path.is_file() and not path.is_symlink())


def _files(paths: Sequence[Path], kind: str) -> list[Removable]:
    kept = [path for path in sorted(paths) if path.is_file() and not path.is_symlink()]
    return [Removable(path, path.stat().st_size, kind) for path in kept]


def room(study: Path, folders: Sequence[RunFolder]) -> dict[str, int]:
    """Bytes that a study takes, by kind, the largest first."""
    runs = {folder.path for folder in folders}
    sizes: dict[str, int] = {}
    for path in own_files(study):
        first, *rest = path.relative_to(study).parts
        place = rest[0] if rest and study / first in runs else first
        kind = PLACES.get(place, "records")
        sizes[kind] = sizes.get(kind, 0) + path.stat().st_size
    return dict(sorted(sizes.items(), key=lambda item: -item[1]))


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

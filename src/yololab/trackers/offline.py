"""Uploading offline W&B runs later: each folder once, resumed runs appended to the run that they continue."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from yololab.errors import YololabError

SYNCED = ".synced"
"""wandb marks an uploaded file by a neighbour of this ending."""


JOINED_SINCE = (0, 30)
"""From this version on `wandb sync` puts the folders of a resumed run together by itself, and knows no --append"""


@dataclass(frozen=True)
class OfflineRun:
    """Offline folders of one run that are not uploaded, in the order of their writing; a resumed run has several."""

    folders: tuple[Path, ...]
    continues: bool
    """An earlier folder of the run is uploaded already, so these are appended"""


def offline_runs(run_folders: Sequence[Path]) -> list[OfflineRun]:
    """What is not uploaded yet, run by run."""
    found = []
    for run in run_folders:
        folders = [folder for folder in sorted((run / "wandb").glob("offline-run-*")) if list(folder.glob("*.wandb*"))]
        by_id: dict[str, list[Path]] = {}
        for folder in folders:
            by_id.setdefault(_run_id(folder), []).append(folder)
        for written in by_id.values():
            waiting = [folder for folder in written if not is_uploaded(folder)]
            if waiting:
                found.append(OfflineRun(tuple(waiting), continues=waiting[0] != written[0]))
    return found


def _run_id(folder: Path) -> str:
    """W&B's id of a run: what follows the time in "offline-run-20260101_000000-r0"."""
    return folder.name.split("-", 3)[3]


def is_uploaded(folder: Path) -> bool:
    """Whether W&B has an offline folder."""
    return bool(list(folder.glob(f"*{SYNCED}")))


def upload(run: OfflineRun) -> None:
    """Have wandb upload one run. YololabError with wandb's own words where it cannot."""
    if _version() >= JOINED_SINCE:
        commands = [["--yes", *map(str, run.folders)]]
    else:
        flags = [["--include-offline", *["--append"] * (run.continues or i > 0)] for i in range(len(run.folders))]
        commands = [[*own, str(folder)] for own, folder in zip(flags, run.folders, strict=True)]
    for words in commands:
        command = [sys.executable, "-m", "wandb", "sync", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        said = (done.stdout + done.stderr).strip()
        if done.returncode != 0:
            last = said.splitlines()[-1] if said else "no word"
            raise YololabError(f"{words[-1]}: wandb could not upload it ({last}); after `wandb login`, sync again")
    missing = [str(folder) for folder in run.folders if not is_uploaded(folder)]
    if missing:
        raise YololabError(f"{missing[0]}: wandb did not say that it was uploaded; after `wandb login`, sync again")


def _version() -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version("wandb"))[:2])

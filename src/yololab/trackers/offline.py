"""Uploading offline W&B runs later: each folder once, resumed runs appended to the run that they continue."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from yololab.errors import YololabError

SYNCED = ".synced"
"""wandb marks an uploaded file by a neighbour of this ending."""


@dataclass(frozen=True)
class OfflineRun:
    """One offline folder of a run; a resumed run has several."""

    folder: Path
    continues: bool
    """An earlier folder has the same id, so this one is appended"""


def offline_runs(run_folders: Sequence[Path]) -> list[OfflineRun]:
    """Folders that are not uploaded yet, in the order in which they were written."""
    found = []
    for run in run_folders:
        folders = sorted((run / "wandb").glob("offline-run-*"))
        for index, folder in enumerate(folders):
            files = list(folder.glob("*.wandb"))
            if files and not list(folder.glob(f"*{SYNCED}")):
                found.append(OfflineRun(folder, continues=index > 0))
    return found


def upload(run: OfflineRun) -> None:
    """Have wandb upload one folder. YololabError with wandb's own words where it cannot."""
    command = [sys.executable, "-m", "wandb", "sync", "--include-offline"]
    command += ["--append"] if run.continues else []
    done = subprocess.run([*command, str(run.folder)], capture_output=True, text=True, check=False)
    words = (done.stdout + done.stderr).strip()
    if done.returncode != 0 or not list(run.folder.glob(f"*{SYNCED}")):
        last = words.splitlines()[-1] if words else "no word"
        raise YololabError(f"{run.folder}: wandb could not upload it ({last}); after `wandb login`, sync again")

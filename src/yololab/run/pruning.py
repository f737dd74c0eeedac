"""Stopping hopeless runs early, by Optuna's pruners; what the other runs reached is read from their run folders.

No database: an Optuna study is rebuilt in memory from the folders' metrics.csv, so pruning works wherever the folders
are shared. Each run is judged against the others of its study as they are at that moment; which runs are pruned
therefore depends on the order in which they run, and every table marks them.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yololab.errors import ConfigError
from yololab.run.folder import RunFolder, run_folders

WARMUP_EPOCHS = 3
STARTUP_RUNS = 4
REDUCTION = 3


def make_pruner(name: str | None, folder: RunFolder) -> FolderPruner | None:
    """The pruner of study.prune for the run in `folder`; None where there is none. ConfigError without Optuna."""
    if name is None:
        return None
    try:
        import optuna
    except ImportError as error:
        raise ConfigError(f"study.prune={name} needs Optuna: pip install 'yololab[prune]'") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    makers: dict[str, Any] = {
        "asha": lambda: optuna.pruners.SuccessiveHalvingPruner(
            min_resource=WARMUP_EPOCHS, reduction_factor=REDUCTION, bootstrap_count=0
        ),
        "median": lambda: optuna.pruners.MedianPruner(n_startup_trials=STARTUP_RUNS, n_warmup_steps=WARMUP_EPOCHS),
    }
    return FolderPruner(name, makers[name](), folder)


@dataclass(frozen=True)
class FolderPruner:
    """Judges one run against its study's other runs."""

    name: str
    pruner: Any
    folder: RunFolder

    def is_hopeless(self, epoch: int, score: float) -> bool:
        """Whether a run that has mAP `score` after `epoch` epochs should stop."""
        import optuna

        study = optuna.create_study(direction="maximize", pruner=self.pruner)
        for other in run_folders(self.folder.path.parent):
            if other.name != self.folder.name:
                self._replay(study, other)
        mine = study.ask()
        earlier = curve(self.folder.metrics_file, before=epoch)
        self._report(mine, earlier)
        mine.report(score, epoch)
        return mine.should_prune()

    def _report(self, trial: Any, reached: list[tuple[int, float]]) -> None:
        """Tell a curve; successive halving wants to be asked at its rungs, where a trial enters the next one."""
        rung = WARMUP_EPOCHS
        for step, value in reached:
            trial.report(value, step)
            if self.name == "asha" and step >= rung:
                trial.should_prune()
                rung *= REDUCTION

    def _replay(self, study: Any, other: RunFolder) -> None:
        """Tell Optuna how another run went; a run that is still going counts with what it has reached."""
        import optuna

        reached = curve(other.metrics_file)
        if not reached:
            return
        trial = study.ask()
        self._report(trial, reached)
        if other.record() is not None:
            study.tell(trial, reached[-1][1], state=optuna.trial.TrialState.COMPLETE)


def curve(metrics_file: Path, before: int | None = None) -> list[tuple[int, float]]:
    """(epochs finished, mAP) of every epoch that is before `before` and has a mAP."""
    try:
        with metrics_file.open(newline="", encoding="utf-8") as stream:
            rows = [(int(float(row["epoch"])) + 1, row.get("val/mAP")) for row in csv.DictReader(stream)]
    except (OSError, ValueError, KeyError):
        return []
    reached = [(step, float(value)) for step, value in rows if value and (before is None or step < before)]
    return [(step, value) for step, value in reached if value >= 0]

"""MLflow through Lightning's MLFlowLogger: one database a study, or a server."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import MLFlowLogger
from lightning.pytorch.utilities import rank_zero_only

from yololab.errors import ConfigError
from yololab.files import read_text, write_text
from yololab.metrics.names import PERCENT, defined_only, is_score
from yololab.trackers.base import TrackedRun, Tracker
from yololab.trackers.picture import Picture

ID_FILE = "mlflow_run_id"
"""In the run's folder: a resumed run goes on in the same MLflow run"""
FIGURES = ("precision_recall.png", "confusion.png")


class MLflowTracker(Tracker):
    """Curves, configuration, final numbers, figures and pictures as a run of the experiment `experiment`, by default
    the study, in <study>/mlflow.db or at `uri`.

    `mlflow ui --backend-store-uri sqlite:///runs/<study>/mlflow.db` shows a study. ConfigError where neither mlflow
    nor mlflow-skinny is installed.
    """

    def __init__(self, run: TrackedRun, *, uri: str | None = None, experiment: str | None = None) -> None:
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        self._folder = run.folder
        known, study = run.folder / ID_FILE, run.folder.absolute().parent
        try:
            self.logger: MLFlowLogger = _PercentLogger(
                experiment_name=experiment or run.study,
                tracking_uri=uri or f"sqlite:///{study / 'mlflow.db'}",
                artifact_location=None if uri else (study / "mlflow_artifacts").as_uri(),
                run_name=run.title or run.run_id,
                run_id=read_text(known).strip() if known.is_file() else None,
                tags={"yololab.run": run.run_id, "yololab.study": run.study},
            )
        except ModuleNotFoundError as error:
            raise ConfigError("tracker=mlflow needs MLflow: pip install 'yololab[mlflow]'") from error
        self.external_id = str(self.logger.run_id)
        write_text(known, self.external_id + "\n")
        self.logger.log_hyperparams(dict(run.config))
        if run.graph.lines:
            table = {name: list(column) for name, column in zip(run.graph.headings, zip(*run.graph.lines), strict=True)}
            self.logger.experiment.log_dict(self.external_id, table, "graph.json")

    def finish(self, summary: Mapping[str, Any], pictures: Sequence[Picture]) -> None:
        """Write the final numbers, figures and pictures, and close."""
        numbers = {f"final/{name}": value for name, value in summary.items() if isinstance(value, int | float)}
        for name, value in numbers.items():
            self.logger.experiment.log_metric(self.external_id, name, float(value))
        for path in (self._folder / name for name in FIGURES):
            self._add(path)
        for picture in pictures:
            self._add(picture.path, "predictions")
        self.logger.finalize("success")

    def abandon(self) -> None:
        """Close the run after a failure."""
        self.logger.finalize("failed")

    def _add(self, path: Path, folder: str | None = None) -> None:
        if path.is_file():
            self.logger.experiment.log_artifact(self.external_id, str(path), folder)


class _PercentLogger(MLFlowLogger):
    """Shows COCO's numbers in percent, as tables do, and leaves out those that have nothing to measure."""

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        defined = defined_only(metrics).items()
        super().log_metrics({name: PERCENT * v if is_score(name) else v for name, v in defined}, step)

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
from yololab.metrics.names import in_percent
from yololab.trackers.base import TrackedRun, Tracker, figures_of, final_numbers
from yololab.trackers.picture import Picture

ID_FILE = "mlflow_run_id"
"""In the run's folder: a resumed run goes on in the same MLflow run"""


class MLflowTracker(Tracker):
    """Curves, configuration, final numbers, figures and pictures as a run of the experiment `experiment`, by default
    the study, in <study>/mlflow.db or at `uri`.

    `mlflow ui --backend-store-uri sqlite:///runs/<study>/mlflow.db` shows a study. ConfigError where neither mlflow
    nor mlflow-skinny is installed.
    """

    def __init__(self, run: TrackedRun, *, uri: str | None = None, experiment: str | None = None) -> None:
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        self._run = run
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

    def finish(self, summary: Mapping[str, Any], pictures: Sequence[Picture]) -> None:
        """Write the graph, the final numbers, figures and pictures, and close."""
        graph = self._run.graph()
        if graph.lines:
            table = dict(zip(graph.headings, map(list, zip(*graph.lines)), strict=True))
            self.logger.experiment.log_dict(self.external_id, table, "graph.json")
        for name, value in final_numbers(summary).items():
            self.logger.experiment.log_metric(self.external_id, name, value)
        for path in figures_of(self._run.folder):
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
        super().log_metrics(in_percent(metrics), step)

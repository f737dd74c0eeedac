"""TensorBoard through Lightning's TensorBoardLogger: one event folder in each run's own folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lightning.pytorch.loggers import TensorBoardLogger

from yololab.errors import ConfigError
from yololab.metrics.names import defined_only
from yololab.trackers.base import GraphTable, TrackedRun, Tracker, final_numbers
from yololab.trackers.picture import Picture


class TensorBoardTracker(Tracker):
    """Curves, final numbers and pictures under <run>/tensorboard; `tensorboard --logdir runs/<study>` shows a study.

    ConfigError where neither tensorboard nor tensorboardX is installed.
    """

    def __init__(self, run: TrackedRun) -> None:
        try:
            self.logger: TensorBoardLogger = _DefinedOnly(run.folder, name="tensorboard", version="")
        except ModuleNotFoundError as error:
            raise ConfigError("tracker=tensorboard needs tensorboard: pip install 'yololab[tensorboard]'") from error
        self.external_id = None
        if run.title:
            self.logger.experiment.add_text("run", run.title)
        self._graph = run.graph

    def finish(self, summary: Mapping[str, Any], pictures: Sequence[Picture]) -> None:
        """Write the graph, the final numbers and the pictures of predictions."""
        import cv2

        graph = self._graph()
        if graph.lines:
            self.logger.experiment.add_text("graph", _markdown(graph))
        for name, value in final_numbers(summary).items():
            self.logger.experiment.add_scalar(name, value)
        for picture in pictures:
            drawn = cv2.imread(str(picture.path))
            if drawn is not None:
                self.logger.experiment.add_image(f"predictions/{picture.name}", drawn[:, :, ::-1], dataformats="HWC")
        self.logger.finalize("success")

    def abandon(self) -> None:
        """Write what is waiting."""
        self.logger.finalize("failed")


class _DefinedOnly(TensorBoardLogger):
    """Leaves out scores that have nothing to measure."""

    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:  # type: ignore[override]
        super().log_metrics(defined_only(metrics), step)


def _markdown(table: GraphTable) -> str:
    rows = [table.headings, ["---"] * len(table.headings), *table.lines]
    return "\n".join(f"| {' | '.join(str(field) for field in row)} |" for row in rows)

"""Pictures of a run that is still training, for whoever watches it: a few validation images, once a minute at most."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import lightning
from lightning.pytorch.callbacks import Callback

from yololab.data.detection_data import DetectionData
from yololab.run.pictures import draw_predictions

MOST = 3
SECONDS_BETWEEN = 60.0


class LivePictures(Callback):
    """Draws what the validation has just found into `folder`, at most `count` images; the run's last pictures replace
    them. A short run has none: the first are drawn when a minute is over."""

    def __init__(self, data: DetectionData, count: int, folder: Path) -> None:
        self.data, self.count, self.folder = data, min(count, MOST), folder
        self._drawn = time.monotonic()

    def on_validation_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Draw, where it is time. A disk that is full ends no training."""
        now = time.monotonic()
        if not trainer.is_global_zero or not self.count or now - self._drawn < SECONDS_BETWEEN:
            return
        evaluation = pl_module.evaluations.get("val")  # type: ignore[union-attr, operator]
        if evaluation is not None:
            self._drawn = now
            with suppress(OSError):
                draw_predictions(self.data, evaluation, self.count, self.folder)

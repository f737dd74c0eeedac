"""Lightning callbacks: one line and one row per epoch, bars by rich."""

from __future__ import annotations

import csv
import time
from pathlib import Path
from typing import Any

import lightning
from lightning.pytorch.callbacks import Callback, RichProgressBar
from rich.console import Console


class EpochRows(Callback):
    """Writes metrics.csv, a row per epoch; after a resume, rows of epochs that are run again are replaced."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[dict[str, float]] = []
        self._started = 0.0
        self._validated = False

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Keep the rows of epochs that are behind us."""
        if self.path.is_file():
            with self.path.open(newline="") as stream:
                kept = [{k: float(v) for k, v in row.items() if v != ""} for row in csv.DictReader(stream)]
            self.rows = [row for row in kept if row["epoch"] < trainer.current_epoch]

    def on_train_epoch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Start the epoch's clock."""
        self._started = time.perf_counter()
        self._validated = False

    def on_validation_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """This epoch has validation values of its own."""
        self._validated = True

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Add a row; Lightning has validated by now."""
        if not trainer.is_global_zero:
            return
        metrics = trainer.callback_metrics
        kinds = ("train/", "val/") if self._validated else ("train/",)
        values = {name: float(value) for name, value in metrics.items() if name.startswith(kinds)}
        lr = trainer.optimizers[0].param_groups[0]["lr"]
        seconds = time.perf_counter() - self._started
        self.rows.append({"epoch": float(trainer.current_epoch), "seconds": seconds, "lr": lr, **values})
        self._write()

    def _write(self) -> None:
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        with self.path.open("w", newline="") as stream:
            writer = csv.DictWriter(stream, fieldnames=names)
            writer.writeheader()
            writer.writerows(self.rows)


class EpochLines(Callback):
    """Prints one line per epoch, loss terms by name."""

    def __init__(self, rows: EpochRows, label: str) -> None:
        self.rows, self.label = rows, label
        self.console = Console()

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Print the row that EpochRows, which comes first, has just added."""
        if not trainer.is_global_zero or not self.rows.rows:
            return
        row = self.rows.rows[-1]
        terms = " ".join(f"{k[6:]} {v:.3f}" for k, v in row.items() if k.startswith("train/") and k != "train/loss")
        scores = f"mAP {row['val/mAP']:.3f} mAP50 {row['val/mAP50']:.3f}" if "val/mAP" in row else ""
        text = f"{self.label} epoch {int(row['epoch']) + 1}/{trainer.max_epochs} {row['seconds']:.1f}s"
        self.console.print(f"{text} | {terms} | {scores}", highlight=False, soft_wrap=True)


class QuietProgressBar(RichProgressBar):
    """Rich bars that vanish when an epoch ends, since a line per epoch remains."""

    def get_metrics(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> dict[str, Any]:
        """No metrics in the bar; they stand in the lines."""
        return {}

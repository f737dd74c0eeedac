"""Lightning callbacks: one line and one row per epoch, progress, pruning."""

from __future__ import annotations

import csv
import io
import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import lightning
from lightning.pytorch.callbacks import Callback
from rich.console import Console

from yololab.files import write_text
from yololab.metrics.names import number, percent_text
from yololab.terminal import is_screen, say


class Pruner(Protocol):
    """Tells whether a run that has reached `score` after `epoch` epochs should go on."""

    @property
    def name(self) -> str:
        """As study.prune names it."""
        ...

    def is_hopeless(self, epoch: int, score: float) -> bool:
        """Whether to stop."""
        ...


class EpochRows(Callback):
    """Writes metrics.csv, a row per epoch; after a resume, rows of epochs that are run again are replaced."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[dict[str, float]] = self._read()
        self._started = 0.0
        self._validated = False
        self.began = False
        """Whether an epoch has begun, so that everything has been restored"""

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Keep the rows of epochs that are behind us."""
        self.rows = [row for row in self.rows if row["epoch"] < trainer.current_epoch]
        lost = trainer.current_epoch - len(self.rows)
        if lost > 0 and trainer.is_global_zero:
            say(f"{self.path}: {lost} epochs that were run have no row there; the curve is without them", Console())
        self._started = time.perf_counter()  # an epoch that is resumed in its middle does not start again

    def on_train_epoch_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Start the epoch's clock."""
        self.began = True
        self._started = time.perf_counter()
        self._validated = False

    def on_validation_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """This epoch has validation values of its own."""
        self._validated = True

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Add a row; Lightning has validated by now."""
        values = pl_module.train_means()  # type: ignore[operator]  # of all ranks, so before any of them leaves
        if not trainer.is_global_zero:
            return
        if self._validated:
            values |= {k: number(float(v)) for k, v in trainer.callback_metrics.items() if k.startswith("val/")}
        lr = trainer.optimizers[0].param_groups[0]["lr"]
        seconds = time.perf_counter() - self._started
        self.rows.append({"epoch": float(trainer.current_epoch), "seconds": seconds, "lr": lr, **values})
        self._write()

    def _read(self) -> list[dict[str, float]]:
        """Rows of the attempts before; none where the file is damaged, since the checkpoint decides what is run."""
        try:
            with self.path.open(newline="", encoding="utf-8") as stream:
                rows = [_numbers(row) for row in csv.DictReader(stream)]
        except (OSError, ValueError, TypeError, csv.Error):
            return []
        return [row for row in rows if all(math.isfinite(row.get(key, math.nan)) for key in ("epoch", "seconds"))]

    def _write(self) -> None:
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        stream = io.StringIO(newline="")
        writer = csv.DictWriter(stream, fieldnames=names)
        writer.writeheader()
        for row in self.rows:
            writer.writerow({name: "" if math.isnan(value) else value for name, value in row.items()})
        write_text(self.path, stream.getvalue())


def _numbers(row: dict[str, str]) -> dict[str, float]:
    """A row as it was: what has no value was not measured or, in an epoch with a validation, is undefined."""
    numbers = {name: float(text) for name, text in row.items() if text != ""}
    if any(name.startswith("val/") for name in numbers):
        numbers = {name: numbers.get(name, math.nan) for name in row if name in numbers or name.startswith("val/")}
    return numbers


class Progress(Callback):
    """Tells `report` how many epochs are finished, of how many, and the last mAP."""

    def __init__(self, rows: EpochRows, report: Callable[[int, int, float | None], None]) -> None:
        self.rows, self.report = rows, report

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Where a resumed run stands."""
        self._report(trainer, trainer.current_epoch)

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """One epoch more."""
        self._report(trainer, trainer.current_epoch + 1)

    def _report(self, trainer: lightning.Trainer, epochs: int) -> None:
        scores = [row["val/mAP"] for row in self.rows.rows if math.isfinite(row.get("val/mAP", math.nan))]
        self.report(epochs, trainer.max_epochs or 0, scores[-1] if scores else None)


class PruneWhenHopeless(Callback):
    """Ends training after an epoch for which `hopeless(epoch, mAP)` is true, on all ranks; comes after EpochRows."""

    def __init__(self, pruner: Pruner | None) -> None:
        self.pruner = pruner
        self.pruned = False
        self.by = pruner.name if pruner else ""

    def state_dict(self) -> dict[str, Any]:
        """That a run was stopped must outlive a stop in the evaluation that follows."""
        return {"pruned": self.pruned}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """A run that is no longer to be pruned goes on."""
        self.pruned = bool(state_dict.get("pruned")) and self.pruner is not None

    def on_train_start(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Train no further where that was decided before."""
        trainer.should_stop = trainer.should_stop or self.pruned

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Ask after every evaluated epoch but the last."""
        if self.pruner is None or trainer.current_epoch + 1 >= (trainer.max_epochs or 0):
            return
        score = trainer.callback_metrics.get("val/mAP")
        evaluated = getattr(pl_module, "evaluated_epoch", -1) == trainer.current_epoch
        hopeless = False
        if evaluated and score is not None and math.isfinite(score) and trainer.is_global_zero:
            hopeless = self.pruner.is_hopeless(trainer.current_epoch + 1, float(score))
        if trainer.world_size > 1:
            hopeless = trainer.strategy.reduce_boolean_decision(hopeless, all=False)
        if hopeless:
            self.pruned = trainer.should_stop = True


class EpochLines(Callback):
    """Prints one line per epoch, loss terms by name; at a terminal one that fits its width."""

    def __init__(self, rows: EpochRows, label: str, console: Console | None = None) -> None:
        self.rows, self.label = rows, label
        self.console = console or Console()

    def on_train_epoch_end(self, trainer: lightning.Trainer, pl_module: lightning.LightningModule) -> None:
        """Print the row that EpochRows, which comes first, has just added."""
        if not trainer.is_global_zero or not self.rows.rows:
            return
        forms = epoch_lines(self.rows.rows[-1], self.label, trainer.max_epochs or 0)
        fitting = (form for form in forms if len(form) <= self.console.width)
        say(next(fitting, forms[-1]) if is_screen(self.console) else forms[0], self.console)


def epoch_lines(row: Mapping[str, float], label: str, epochs: int) -> list[str]:
    """A row in words, from the longest form to the shortest: epoch, seconds, loss terms or their sum, mAP."""
    place = f"epoch {int(row['epoch']) + 1}/{epochs} {row['seconds']:.1f}s"
    terms = {name[6:]: value for name, value in row.items() if name.startswith("train/") and name != "train/loss"}
    score = ""
    if "val/mAP" in row:
        score = f"mAP {percent_text(row['val/mAP'])} mAP50 {percent_text(row['val/mAP50'])}"
    fine, coarse = (" ".join(f"{name} {value:.{digits}f}" for name, value in terms.items()) for digits in (3, 2))
    whole = f"loss {row.get('train/loss', sum(terms.values())):.2f}"
    return [
        f"{label} {place} | {fine} | {score}",
        f"{place} | {fine} | {score}",
        f"{place} | {coarse} | {score}",
        f"{place} | {whole} | {score}",
    ]

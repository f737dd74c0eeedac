"""A run's folder: runs/<study>/<run id>/, named after what the run is, so two sweeps never overwrite each other."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from yololab.study.record import RunRecord, read_record, write_text


@dataclass(frozen=True)
class RunFolder:
    """Paths of one run, and what may be asked of it."""

    path: Path

    @property
    def checkpoints(self) -> Path:
        """last.ckpt and best.ckpt."""
        return self.path / "checkpoints"

    @property
    def last_checkpoint(self) -> Path:
        """Where a killed run continues."""
        return self.checkpoints / "last.ckpt"

    @property
    def metrics_file(self) -> Path:
        """One row per epoch."""
        return self.path / "metrics.csv"

    def prepare(self, config: dict[str, Any]) -> None:
        """Make the folder and freeze the configuration in it."""
        self.checkpoints.mkdir(parents=True, exist_ok=True)
        write_text(self.path / "config.yaml", OmegaConf.to_yaml(OmegaConf.create(config)))

    def clear(self) -> None:
        """Forget everything about this run."""
        if self.path.is_dir():
            shutil.rmtree(self.path)

    def record(self) -> RunRecord | None:
        """The record, if the run is done."""
        return read_record(self.path)

    def set_status(self, state: str, **details: Any) -> None:
        """Write status.json: running, done, failed or interrupted, and since when."""
        content = {"state": state, "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"), **details}
        write_text(self.path / "status.json", json.dumps(content, indent=1))

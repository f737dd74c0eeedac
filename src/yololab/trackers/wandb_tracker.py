"""Weights & Biases through Lightning's WandbLogger: one W&B run per run, its id the run's, its group the study."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import WandbLogger


class WandbTracker:
    """Offline unless `mode` is "online"; offline needs no account and no network.

    A resumed run goes on under the same id: online in the same W&B run; offline in a further folder of that id, which
    `yololab sync` appends.
    """

    def __init__(
        self,
        *,
        mode: str,
        project: str | None,
        entity: str | None,
        run_id: str,
        study: str,
        folder: Path,
        config: Mapping[str, Any],
    ) -> None:
        os.environ.setdefault("WANDB_SILENT", "true")
        import wandb

        # An agent of a W&B sweep has given the run its id; the run keeps its name.
        self.run_id = os.environ.get("WANDB_RUN_ID", run_id) if "WANDB_SWEEP_ID" in os.environ else run_id
        run = wandb.init(
            name=run_id,
            id=self.run_id,
            group=study,
            project=project or "yololab",
            entity=entity,
            dir=str(folder),
            mode="offline" if mode == "offline" else "online",
            resume="allow" if mode == "online" else None,
            config=dict(config),
            settings=wandb.Settings(console="off", silent=True, x_disable_stats=True),
        )
        self.logger = WandbLogger(experiment=run, save_dir=str(folder), offline=mode == "offline", log_model=False)

    def finish(self, summary: Mapping[str, Any], pictures: Sequence[Path]) -> None:
        """Write the summary and pictures and close the run, so that the next run gets its own."""
        import wandb

        run = self.logger.experiment
        if pictures:
            run.log({"predictions": [wandb.Image(str(path)) for path in pictures]})
        run.summary.update(dict(summary))
        run.finish()

    def abandon(self) -> None:
        """Close the run after a failure."""
        self.logger.experiment.finish(exit_code=1)

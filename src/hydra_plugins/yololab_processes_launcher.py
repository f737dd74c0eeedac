"""Hydra's door to yololab's processes: hydra/launcher=processes. What it does stands in yololab.sweep."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class ProcessesLauncher(Launcher):
    """One process per run on this machine; see conf/hydra/launcher/processes.yaml for the options."""

    def __init__(self, **options: Any) -> None:
        from yololab.sweep.launch.local import LocalOptions

        self.options = LocalOptions(**options)
        self.config: DictConfig
        self.hydra_context: HydraContext
        self.reasons: dict[Path, str] = {}
        """Why runs failed, by absolute folder"""

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Called by Hydra. The task function is not used: a run's process reads its folder."""
        self.hydra_context, self.config = hydra_context, config

    def warm_up(self) -> None:
        """Let the fork server import everything while the sweep is being planned."""
        from yololab.sweep.launch.server import start_server

        start_server()

    def threads(self) -> int:
        """CPU threads that a run gets, if its plan does not say otherwise."""
        from yololab.sweep.launch.local import slots_for

        return slots_for(self.options, self.config.trainer.devices)[0].threads

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Run planned runs (runtime.folder=FOLDER), or plan and run what another sweeper asks for."""
        from yololab.sweep.launch.local import launch

        returned, failed = launch(self.config, self.hydra_context.config_loader, job_overrides, self.options)
        self.reasons |= failed
        return returned

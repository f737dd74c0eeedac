"""Hydra's door to yololab's processes: hydra/launcher=processes. What it does stands in yololab.sweep."""

from __future__ import annotations

from collections.abc import Sequence

from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class ProcessesLauncher(Launcher):
    """One process per cell on this machine; see conf/hydra/launcher/processes.yaml for the options."""

    def __init__(
        self,
        n_jobs: int | None = None,
        threads: int | None = None,
        retries: int = 0,
        retry_backoff: float = 10.0,
        time_limit: float | None = None,
        memory_limit: float | None = None,
        grace: float = 60.0,
    ) -> None:
        from yololab.sweep.local import LocalOptions

        self.options = LocalOptions(n_jobs, threads, retries, retry_backoff, time_limit, memory_limit, grace)
        self.config: DictConfig
        self.hydra_context: HydraContext

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Called by Hydra. The task function is not used: a cell's process reads its folder."""
        self.hydra_context, self.config = hydra_context, config

    def warm_up(self) -> None:
        """Let the fork server import everything while the sweep is being planned."""
        from yololab.sweep.processes import start_server

        start_server()

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Run planned cells (runtime.cell=FOLDER), or plan and run what another sweeper asks for."""
        from yololab.sweep.local import launch

        return launch(self.config, self.hydra_context.config_loader, job_overrides, self.options)

"""Hydra's door to yololab's sweeps: hydra/sweeper=ablation. What it does stands in yololab.sweep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class AblationSweeper(Sweeper):
    """Plans all runs, freezes them in their folders, has them run by any launcher, tells what became of them."""

    def __init__(self, params: Any, retries: int) -> None:
        self.params, self.retries = params, retries
        self.config: DictConfig
        self.hydra_context: HydraContext
        self.launcher: Launcher

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Called by Hydra."""
        self.hydra_context, self.config = hydra_context, config
        self.launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )

    def sweep(self, arguments: list[str]) -> Sequence[Any]:
        """Plan and run. Raises SweepFailed where a run is not done in the end."""
        from yololab.config.only_plan import asks_for_plan
        from yololab.terminal import passing

        passing("importing torch, composing every cell")
        warm_up = getattr(self.launcher, "warm_up", None)
        if warm_up is not None and not asks_for_plan(self.config, arguments):
            warm_up()  # before anything heavy is imported here
        from yololab.sweep.conduct import run_sweep

        return run_sweep(self.config, arguments, self.hydra_context.config_loader, self.launcher, self.retries)

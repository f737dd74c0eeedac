"""`yololab plan`: what a sweep would run."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from hydra.types import RunMode

from yololab.config.compose import config_loader
from yololab.sweep.plan.axes import split_overrides
from yololab.sweep.plan.listing import print_plan
from yololab.sweep.plan.planned import Plan
from yololab.sweep.plan.planner import make_plan


def run(options: argparse.Namespace) -> None:
    """Print what a sweep of these overrides would run."""
    print_plan(plan_of(options.overrides, options.config_dir), options.json)


def plan_of(overrides: Sequence[str], config_dir: str | None = None) -> Plan:
    """The plan of a sweep, outside of a Hydra application. ConfigError as the sweep itself would give."""
    with config_loader(config_dir) as loader:
        for_master, arguments = split_overrides(overrides)
        config = loader.load_configuration("train", for_master, run_mode=RunMode.MULTIRUN)
        return make_plan(config, arguments, loader)

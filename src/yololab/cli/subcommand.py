"""A subcommand's function, imported when it is asked for: --help must not wait for torch."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable


def command(module: str, function: str = "run") -> Callable[[argparse.Namespace], int | None]:
    """What runs a subcommand: a function of yololab.cli.<module>_command."""

    def run(options: argparse.Namespace) -> int | None:
        return getattr(importlib.import_module(f"yololab.cli.{module}_command"), function)(options)

    return run

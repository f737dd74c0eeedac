"""A subcommand's function, imported when it is asked for: --help must not wait for torch."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable

from yololab.terminal import passing


def command(
    module: str, function: str = "run", needs_torch: bool = False
) -> Callable[[argparse.Namespace], int | None]:
    """What runs a subcommand: a function of yololab.cli.<module>_command; one that `needs_torch` says so first."""

    def run(options: argparse.Namespace) -> int | None:
        if needs_torch and not getattr(options, "json", False):
            passing("importing torch")
        return getattr(importlib.import_module(f"yololab.cli.{module}_command"), function)(options)

    return run

"""`yololab diff`: what differs between two runs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.table import Table

from yololab.run.find import find_run
from yololab.study.compare import Difference, compare, compare_configs
from yololab.terminal import cell, say, show

MOST_SHOWN = 40


def run(options: argparse.Namespace) -> None:
    """Print everything in which two runs differ; of runs that are not done, the configuration."""
    first, second = find_run(options.first), find_run(options.second)
    one, other = first.record(), second.record()
    if one is not None and other is not None:
        found = compare(one, other)
    else:
        found = compare_configs(first.spec().config, second.spec().config)
    if options.json:
        print(json.dumps([asdict(difference) for difference in found], indent=1))
        return
    print_differences(found, first.name, second.name, options.curves)


def print_differences(found: Sequence[Difference], first: str, second: str, curves: bool = False) -> None:
    """A table, the most important parts first, with the second minus the first where both are numbers.

    Epochs of curves are shown with `curves` alone, and counted otherwise; a long table is cut and says so.
    """
    if not found:
        say("no difference")
        return
    told = [difference for difference in found if curves or difference.part != "curve"]
    table = Table(title_justify="left")
    for heading in ("part", "key", first, second):
        table.add_column(cell(heading), overflow="fold")
    table.add_column("second - first", justify="right")
    for difference in told[:MOST_SHOWN]:
        texts = (difference.part, difference.key, difference.first, difference.second, _delta(difference))
        table.add_row(*map(cell, texts))
    if told:
        show(table)
    if len(told) > MOST_SHOWN:
        say(f"and {len(told) - MOST_SHOWN} more; --json gives all")
    if len(told) < len(found):
        say(f"{len(found) - len(told)} values of the curves differ too; yololab diff --curves shows them")


def _delta(difference: Difference) -> str:
    """Nothing where one of the two is no number."""
    values = (difference.first, difference.second)
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
        return ""
    return f"{difference.second - difference.first:+.6g}"

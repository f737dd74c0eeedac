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
    print_differences(found, first.name, second.name)


def print_differences(found: Sequence[Difference], first: str, second: str) -> None:
    """A table, the most important parts first; a long curve is cut and says so."""
    if not found:
        say("no difference")
        return
    table = Table(title_justify="left")
    for heading in ("part", "key", first, second):
        table.add_column(cell(heading), overflow="fold")
    for difference in found[:MOST_SHOWN]:
        table.add_row(*map(cell, (difference.part, difference.key, difference.first, difference.second)))
    show(table)
    if len(found) > MOST_SHOWN:
        say(f"and {len(found) - MOST_SHOWN} more; --json gives all")

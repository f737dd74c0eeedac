"""`yololab help`: commands, groups of choices, the choices of a group; nothing that must wait for torch."""

from __future__ import annotations

import argparse

from rich.table import Table

from yololab.config.catalogue import GROUPS, choices_of, groups
from yololab.errors import ConfigError, did_you_mean
from yololab.terminal import cell, say, show


def run(options: argparse.Namespace) -> None:
    """Of a command, its own help; of a group, its choices; of nothing, what both are."""
    commands = options.commands
    if options.topic is None:
        say("usage: yololab COMMAND ...; yololab help COMMAND | GROUP\n")
        show(_table(commands.items()))
        say("\nWhat can be chosen, as in attention=cbam (yololab train takes any number of them):\n")
        show(_table((group, GROUPS.get(group, "")) for group in groups()))
        return
    if options.topic in commands:
        options.parser_of(options.topic).print_help()
        return
    if options.topic in groups():
        say(f"{options.topic}: {GROUPS.get(options.topic, '')}\n")
        show(_table((f"{options.topic}={c.name}", c.says) for c in choices_of(options.topic, options.config_dir)))
        return
    known = [*commands, *groups()]
    raise ConfigError(f"help {options.topic}: neither a command nor a group{did_you_mean(options.topic, known)}")


def _table(rows: object) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, says in rows:  # type: ignore[attr-defined]
        table.add_row(cell(f"  {name}"), cell(says))
    return table

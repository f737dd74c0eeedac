"""`yololab table`: the ablation table of a study."""

from __future__ import annotations

import argparse

from yololab.cli.find import find_study
from yololab.errors import YololabError
from yololab.study.output import print_study
from yololab.study.records import read_for_table
from yololab.study.table import build_table, to_csv, to_json, to_markdown

WRITERS = {"md": to_markdown, "csv": to_csv, "json": to_json}


def run(options: argparse.Namespace) -> None:
    """Print the table in a format, or for the terminal."""
    study = find_study(options.study)
    if options.format is None:
        print_study(study)
        return
    records = read_for_table(study)
    if not records:
        raise YololabError(f"{study}: no finished run yet")
    print(WRITERS[options.format](build_table(records)), end="")

"""`yololab records`: all records of a study as one Parquet file."""

from __future__ import annotations

import argparse

from yololab.errors import YololabError
from yololab.run.find import find_study
from yololab.study.parquet import write_parquet
from yololab.study.records import records_and_damage
from yololab.terminal import say, say_note


def run(options: argparse.Namespace) -> None:
    """Write the file, and say where."""
    study = find_study(options.study)
    records, damaged = records_and_damage(study)
    for text in damaged:
        say_note(text)
    if not records:
        raise YololabError(f"{study}: no finished run yet")
    written = write_parquet(records, options.output or study / "records.parquet")
    say(f"{written}: {len(records)} records")

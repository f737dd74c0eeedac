"""`yololab export`: all records of a study as one Parquet file, or the weights of a run as safetensors."""

from __future__ import annotations

import argparse
from pathlib import Path

from yololab.cli.find import find_run, find_study
from yololab.errors import YololabError
from yololab.study.parquet import write_parquet
from yololab.study.records import records_and_damage
from yololab.terminal import say, say_note


def run(options: argparse.Namespace) -> None:
    """Write the file, and say where."""
    written = _weights(options) if options.format == "safetensors" else _records(options)
    say(written)


def _records(options: argparse.Namespace) -> str:
    study = find_study(options.study)
    records, damaged = records_and_damage(study)
    for text in damaged:
        say_note(text)
    if not records:
        raise YololabError(f"{study}: no finished run yet")
    written = write_parquet(records, options.output or study / "records.parquet")
    return f"{written}: {len(records)} records"


def _weights(options: argparse.Namespace) -> str:
    from yololab.run.export import export_weights

    folder = find_run(options.study)
    path: Path = options.output or folder.path / "weights.safetensors"
    return f"{path}: {export_weights(folder, path)} tensors; weights={path} starts another run from them"

"""`yololab export`: all records of a study as one Parquet file."""

from __future__ import annotations

import argparse

from rich.console import Console

from yololab.cli.find import find_study
from yololab.errors import YololabError
from yololab.study.parquet import write_parquet
from yololab.study.records import read_records


def run(options: argparse.Namespace) -> None:
    """Write all records of a study as Parquet."""
    study = find_study(options.study)
    records = read_records(study)
    if not records:
        raise YololabError(f"{study}: no finished run yet")
    written = write_parquet(records, options.output or study / "records.parquet")
    Console().print(f"{written}: {len(records)} records", soft_wrap=True, markup=False)

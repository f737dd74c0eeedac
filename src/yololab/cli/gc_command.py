"""`yololab gc`: room is made, records stay."""

from __future__ import annotations

import argparse
import json

from rich.console import Console

from yololab.cli.find import find_study
from yololab.run.folder import run_folders
from yololab.study.removal import removable


def run(options: argparse.Namespace) -> None:
    """Remove checkpoints of finished runs that the rule does not keep."""
    found = removable(run_folders(find_study(options.study)), options.keep)
    if options.json:
        print(json.dumps([{"path": str(item.path), "bytes": item.size} for item in found], indent=1))
    total = sum(item.size for item in found) / 2**20
    for item in found:
        if not options.dry_run:
            item.path.unlink()
    if not options.json:
        verb = "would remove" if options.dry_run else "removed"
        Console().print(f"{verb} {len(found)} checkpoints, {total:.1f} MiB; records, curves and pictures stay")

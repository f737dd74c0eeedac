"""`yololab gc`: room is made, records stay."""

from __future__ import annotations

import argparse
import json

from yololab.run.find import find_study
from yololab.run.folder import run_folders
from yololab.study.removal import left_alone, removable
from yololab.terminal import say, say_note


def run(options: argparse.Namespace) -> None:
    """Remove checkpoints of finished runs that the rule does not keep."""
    folders = run_folders(find_study(options.study))
    found = removable(folders, options.keep)
    if options.json:
        print(json.dumps([{"path": str(item.path), "bytes": item.size} for item in found], indent=1))
    total = sum(item.size for item in found) / 2**20
    for item in found:
        if not options.dry_run:
            item.path.unlink()
    if not options.json:
        for text in left_alone(folders):
            say_note(text)
        verb = "would remove" if options.dry_run else "removed"
        say(f"{verb} {len(found)} checkpoints, {total:.1f} MiB; records, curves and pictures stay")

"""`yololab gc`: room is made, records stay."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from yololab.errors import ConfigError
from yololab.run.find import find_study
from yololab.run.folder import run_folders
from yololab.study.removal import Removable, Rule, left_alone, removable, room
from yololab.terminal import say, say_note

MIB = 2**20


def run(options: argparse.Namespace) -> None:
    """Remove what the rule does not keep of finished runs, and say what the study takes."""
    if options.pictures is not None and options.pictures < 0:
        raise ConfigError(f"--pictures {options.pictures}: expected how many stay, at least 0")
    study = find_study(options.study)
    folders = run_folders(study)
    found = removable(folders, Rule(options.keep, options.pictures, uploaded=not options.uploaded))
    if options.json:
        removed = [{"path": str(item.path), "bytes": item.size, "kind": item.kind} for item in found]
        print(json.dumps(removed, indent=1))
    for item in found:
        if not options.dry_run:
            item.path.unlink()
    if options.json:
        return
    for text in left_alone(folders):
        say_note(text)
    verb = "would remove" if options.dry_run else "removed"
    kinds = dict.fromkeys(["checkpoints", *(item.kind for item in found)])
    counts = ", ".join(_count(kind, [item for item in found if item.kind == kind]) for kind in kinds)
    say(f"{verb} {counts}; records and curves stay")
    say(f"{study}: " + ", ".join(f"{kind} {size / MIB:.1f} MiB" for kind, size in room(study, folders).items()))


def _count(kind: str, items: Sequence[Removable]) -> str:
    what = "files of trackers" if kind == "trackers" else kind
    return f"{len(items)} {what} ({sum(item.size for item in items) / MIB:.1f} MiB)"

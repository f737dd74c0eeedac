"""`yololab rerun`: a finished record, run again and compared."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from yololab.cli.diff_command import print_differences
from yololab.errors import ExitCode, YololabError
from yololab.run.find import find_run
from yololab.run.folder import RunFolder
from yololab.study.repeat import repeat
from yololab.terminal import say


def run(options: argparse.Namespace) -> int:
    """Run finished records once more in new folders and compare; DONE where every bit of all is the same."""
    names = [word for word in options.runs if "=" not in word]
    overrides = [word for word in options.runs if "=" in word]
    if not names:
        raise YololabError("rerun: name at least one run, as STUDY/RUN or by its id")
    folders = [find_run(name) for name in names]  # all of them, before the first one takes its time
    same = [rerun(folder, overrides, options.json, options.trust) for folder in folders]
    return ExitCode.DONE if all(same) else ExitCode.FAILED


def rerun(folder: RunFolder, overrides: Sequence[str], as_json: bool, trust: bool = False) -> bool:
    """Whether a finished record, run once more in a new folder, comes out the same, bit by bit."""
    found = repeat(folder, overrides, trust)
    again, weights = found.folder, found.different_weights
    if as_json:
        content = {"folder": str(again.path), "same": found.is_same, "different_weights": weights}
        print(json.dumps(content | {"differences": [asdict(d) for d in found.differences]}, indent=1))
        return found.is_same
    if found.is_same:
        compared = "metrics, curve and weights" if weights is not None else "metrics and curve"
        say(f"the same bits: {compared}; {again.path}")
    else:
        say(f"not the same: {len(found.results)} numbers differ; {again.path}")
    if found.differences:
        print_differences(list(found.differences), folder.name, "again")
    return found.is_same

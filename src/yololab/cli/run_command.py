"""`yololab run`: one planned run, in this process."""

from __future__ import annotations

import argparse

from yololab.cli.find import find_run
from yololab.run import process


def run(options: argparse.Namespace) -> int:
    """Run it; the exit code says how it ended."""
    folder = find_run(options.folder)
    if options.trust:
        folder.trust()
    return process.main([str(folder.path)])

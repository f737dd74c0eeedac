"""`yololab run`: one planned run, in this process."""

from __future__ import annotations

import argparse

from yololab.run import process
from yololab.run.find import find_run


def run(options: argparse.Namespace) -> int:
    """Run it; the exit code says how it ended."""
    folder = find_run(options.folder)
    if options.trust:
        folder.trust()
    return process.main([str(folder.path)])

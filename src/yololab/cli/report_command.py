"""`yololab report`: a study on one page."""

from __future__ import annotations

import argparse
from pathlib import Path

from yololab.errors import YololabError
from yololab.files import write_text
from yololab.report.contents import read_contents
from yololab.report.study_page import to_page
from yololab.run.find import find_study
from yololab.terminal import say

FILE = "report.html"


def run(options: argparse.Namespace) -> None:
    """Write the page and say where it is."""
    study = find_study(options.study)
    path = Path(options.out) if options.out else study / FILE
    if path.is_dir():
        path = path / FILE
    if not path.parent.is_dir():
        raise YololabError(f"--out {options.out}: no folder {path.parent}")
    page = to_page(read_contents(study))
    write_text(path, page)
    say(f"{path}  ({len(page.encode()) / 1e6:.1f} MB; one file, opens from disk)")

"""`yololab paper`: what a paper needs of a study, in one folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from yololab.errors import YololabError
from yololab.paper.kit import write_kit
from yololab.run.find import find_study
from yololab.terminal import say, say_note


def run(options: argparse.Namespace) -> None:
    """Write the kit and say what is in it."""
    study = find_study(options.study)
    folder = Path(options.out) if options.out else Path(f"{study.name}_paper")
    if folder.exists() and not folder.is_dir():
        raise YololabError(f"--out {folder}: a file; expected a folder")
    written, remarks = write_kit(study, folder)
    figures = sum(path.suffix in (".pdf", ".svg") for path in written)
    say(
        f"{folder}  (table.tex, methods, checklist, compute form, CITATION.cff, RO-Crate, {figures} figures; kit.tex "
        "shows them together)"
    )
    for remark in remarks:
        say_note(remark)

"""`yololab report`: a study, or one of its runs, on one page."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from yololab.cli.table_command import choices_of
from yololab.errors import ConfigError, YololabError
from yololab.files import write_text
from yololab.report.contents import Contents, read_contents
from yololab.report.images_section import images_section
from yololab.report.networks import networks
from yololab.report.run_contents import read_run
from yololab.report.run_page import to_page as run_page
from yololab.report.study_page import to_page as study_page
from yololab.run.find import find_run, find_study
from yololab.run.folder import RunFolder, is_run
from yololab.run.record import RESULTS_FILE
from yololab.terminal import say

FILE = "report.html"


def run(options: argparse.Namespace) -> None:
    """Write the page and say where it is."""
    found = _find(options.study)
    folder = found.path if isinstance(found, RunFolder) else found
    path = Path(options.out) if options.out else folder / FILE
    if path.is_dir():
        path = path / FILE
    if not path.parent.is_dir():
        raise YololabError(f"--out {options.out}: no folder {path.parent}")
    if isinstance(found, RunFolder):
        page = run_page(read_run(found))
    else:
        contents = read_contents(found)
        plain = contents.table.results[0].row
        for record in contents.records if options.runs else []:
            write_text(found / record.run_id / FILE, run_page(read_run(RunFolder(found / record.run_id), plain)))
        page = study_page(contents, _images(contents, options.images), networks(contents))
    write_text(path, page)
    say(f"{path}  ({len(page.encode()) / 1e6:.1f} MB; one file, opens from disk)")


def _images(contents: Contents, asked: Sequence[str]) -> str:
    """The section of images; nothing for --images none."""
    if list(asked) == ["none"]:
        return ""
    if len(asked) > 2:
        raise ConfigError(f"--images {' '.join(asked)}: expected one row, two, or none")
    return images_section(contents, [choices_of("--images", words) for words in asked])


def _find(name: str) -> Path | RunFolder:
    """A study, or where the name is one's, a run."""
    try:
        study = find_study(name)
    except YololabError as error:
        try:
            return find_run(name)
        except YololabError as no_run:
            raise (no_run if "/" in name else error) from None
    is_alone = is_run(study) or (study / RESULTS_FILE).is_file()
    return RunFolder(study) if is_alone else study

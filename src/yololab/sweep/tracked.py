"""The answer of a sweep for whatever has tracked its runs: table, figures and files of the study."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yololab.config.target import TARGET, arguments_of, find_class
from yololab.config.trust import trust_of, trusting
from yololab.files import write_text
from yololab.report.contents import Contents
from yololab.report.study_page import to_page
from yololab.run.record import RESULTS_FILE
from yololab.study.output import FIGURES, WRITERS
from yololab.study.registration import PLAN_FILE
from yololab.study.table import StudyTable
from yololab.sweep.plan.listing import power_of
from yololab.sweep.plan.planned import Plan
from yololab.terminal import say_note
from yololab.trackers.base import Tracker
from yololab.trackers.study import TrackedStudy

ASKED = ("hypothesis", "baseline", "smallest_effect", "primary", "design", "seeds", "controls")


def tell_tracker(plan: Plan, folder: Path, table: StudyTable) -> None:
    """Give a study's answer to the tracker of its runs. What goes wrong there is said, and loses no result."""
    config = next(run.composed.config for run in plan.runs if run.folder.path.parent == folder)
    chosen = config["tracker"]
    if chosen.get(TARGET) is None:
        return
    try:
        study = _as_tracked(config, folder, table, power_of(plan))
        with trusting(trust_of(config)):
            find_class(chosen[TARGET], Tracker).finish_study(study, **arguments_of(chosen))
    except Exception as error:  # of a server, a disk or a library of others
        say_note(f"the tracker could not take the study's table ({type(error).__name__}: {error})")


def _as_tracked(config: Mapping[str, Any], folder: Path, table: StudyTable, power: str) -> TrackedStudy:
    sheet = table.sheet()
    run_ids = [name for line in sheet.lines for name in line.run_ids]
    files = [folder / name for name in (*WRITERS, PLAN_FILE)]
    files += [folder / name / RESULTS_FILE for name in run_ids]
    return TrackedStudy(
        name=folder.name,
        folder=folder,
        headings=sheet.headings,
        lines=[line.texts for line in sheet.lines],
        notes=[*sheet.notes, *sheet.warnings],
        power=power,
        page=_page(folder, table),
        figures=[folder / name for name in FIGURES if (folder / name).is_file()],
        files=[path for path in files if path.is_file()],
        run_ids=run_ids,
        question={key: config["study"].get(key) for key in ASKED},
    )


def _page(folder: Path, table: StudyTable) -> Path:
    """The report, but for its networks and images, which would take longer than the sweep's end should."""
    path = folder / "report.html"
    write_text(path, to_page(Contents(folder.name, table, folder)))
    return path

"""`yololab verify`: whether a study's plan.json is as it was written and its runs are the planned ones; whether a
certificate is what was signed.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from yololab.errors import ExitCode, YololabError
from yololab.run.find import find_study
from yololab.study.records import records_and_damage
from yololab.study.registration import PLAN_FILE, broken_entry, entries_of, read_registration
from yololab.terminal import say


def run(options: argparse.Namespace) -> int:
    """Print every entry, and what does not fit; FAILED where something does not. Of a file: what a certificate says."""
    if Path(options.study).is_file():
        from yololab.cli.certify_command import tell

        return tell(Path(options.study), options.key)
    if options.key is not None:
        raise YololabError("--key: of a certificate, and this is a study")
    study = find_study(options.study)
    entries, registration = entries_of(study), read_registration(study)
    if registration is None:
        raise YololabError(f"{study}: no {PLAN_FILE}; sweeps write one since they are planned, single runs do not")
    broken = broken_entry(entries)
    for number, entry in enumerate(entries, 1):
        state = "does not verify" if broken is not None and number >= broken else "verifies"
        began = f"{len(entry.get('begun', []))} runs had begun"
        say(
            f"{number}. {entry.get('time')}: {len(entry.get('runs', []))} runs, {began}; sha256 "
            f"{entry.get('sha256')} {state}"
        )
    planned = {run["id"] for entry in entries for run in entry["runs"]}
    records, damaged = records_and_damage(study)
    found = {record.run_id for record in records}
    unplanned = sorted(found - planned)
    say(f"{len(found & planned)} of {len(planned)} planned runs are done")
    if unplanned:
        say(f"not in the plan: {', '.join(unplanned)}")
    for text in (*damaged, *registration.notes, *registration.remarks):
        say(text)
    return ExitCode.FAILED if broken is not None or unplanned or not entries else ExitCode.DONE

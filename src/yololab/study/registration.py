"""plan.json: what a study was planned to ask, and when, in a chain that a reader can verify.

Every plan that adds runs or changes the question adds an entry: time, code, question, runs, and which runs of the study
had begun by then. An entry's hash is the SHA-256 of its canonical JSON without the hash, and holds that of the entry
before, so nothing earlier can be changed without all later hashes. A hash proves order, not honesty: put the first one
where others can see it (a commit, a mail) before the study runs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import fastjsonschema

from yololab.config.identity import as_text, canonical_json
from yololab.errors import YololabError
from yololab.files import read_json, write_text

PLAN_FILE, LOOKS_FILE = "plan.json", "looks.json"
FORMAT = "yololab plan 1"
HASH, PREVIOUS = "sha256", "previous"
QUESTION = ("hypothesis", "primary", "smallest_effect", "baseline", "seeds", "most_seeds", "design")
"""Keys of study that are frozen"""
SCHEMA_FILE = Path(__file__).with_name("plan.schema.json")


@dataclass(frozen=True)
class Registration:
    """What was named before the first run, as a table needs it."""

    holds: bool
    """A primary comparison was named before any run of the study had begun, and the chain verifies"""
    metric: str
    contrast: Mapping[str, str]
    """Choices of the rows that are compared with the baseline"""
    baseline: Mapping[str, str] | None
    """Choices of the baseline; None where the plan left it to the table"""
    question: Mapping[str, Any]
    """What the study asks now: the last entry's"""
    notes: tuple[str, ...]
    remarks: tuple[str, ...]
    """What a reader must be warned of"""


def register(study: Path, question: Mapping[str, Any], runs: Sequence[Mapping[str, Any]], begun: Sequence[str],
             code: Mapping[str, Any]) -> None:  # fmt: skip
    """Add an entry to a study's plan.json where it asks for a new run or another question."""
    entries = entries_of(study)
    if not entries and (study / PLAN_FILE).is_file():
        raise YololabError(
            f"{study / PLAN_FILE}: cannot be read, and would be lost if a new plan took its place; move it away first"
        )
    asked = {key: question.get(key) for key in QUESTION}
    known = {run["id"] for entry in entries for run in entry["runs"]}
    if entries and entries[-1]["question"] == asked and {run["id"] for run in runs} <= known:
        return
    entry: dict[str, Any] = {
        "time": _now(),
        "code": dict(code),
        "question": asked,
        "runs": [dict(run) for run in runs],
        "begun": sorted(begun),
        PREVIOUS: entries[-1][HASH] if entries else None,
    }
    study.mkdir(parents=True, exist_ok=True)
    content = {"format": FORMAT, "entries": [*entries, {**entry, HASH: entry_hash(entry)}]}
    write_text(study / PLAN_FILE, json.dumps(content, indent=1) + "\n")


def entry_hash(entry: Mapping[str, Any]) -> str:
    """SHA-256 of an entry's canonical JSON, its own hash left out."""
    content = {key: value for key, value in entry.items() if key != HASH}
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


def entries_of(study: Path) -> list[dict[str, Any]]:
    """Entries of plan.json; none where there is no such file or it cannot be read."""
    try:
        content = read_json(study / PLAN_FILE)
        _check_plan()(content)
    except (OSError, ValueError):
        return []
    return content["entries"]


@lru_cache
def _check_plan() -> Callable[[Any], Any]:
    return fastjsonschema.compile(read_json(SCHEMA_FILE))


def broken_entry(entries: Sequence[Mapping[str, Any]]) -> int | None:
    """Number (from 1) of the first entry whose hash, or link to the one before, does not fit; None where all do."""
    before = None
    for number, entry in enumerate(entries, 1):
        if entry.get(HASH) != entry_hash(entry) or entry.get(PREVIOUS) != before:
            return number
        before = entry[HASH]
    return None


def read_registration(study: Path) -> Registration | None:
    """What a study's plan.json says; None where it has none."""
    if not (study / PLAN_FILE).is_file():
        return None
    entries = entries_of(study)
    broken = broken_entry(entries)
    if broken is not None or not entries:
        which = "it cannot be read" if not entries else f"entry {broken} was changed after it was written"
        return Registration(
            False, "", {}, None, {}, (), (f"plan.json does not verify ({which}), so no row is confirmatory",)
        )
    before = [entry for entry in entries if not entry["begun"]]  # what was corrected before any run counts as corrected
    first = next((entry for entry in (*reversed(before), *entries) if _contrast(entry)), entries[-1])
    contrast, remarks = _contrast(first), _changes(entries) + _looks(study, entries)
    holds = bool(contrast) and not first["begun"]
    if contrast and not holds:
        remarks.append(
            f"the primary comparison was named {first['time']}, after {len(first['begun'])} runs had begun: exploratory"
        )
    metric = str((first["question"].get("primary") or {}).get("metric") or "mAP")
    baseline = first["question"].get("baseline")
    chosen = {str(key): as_text(value) for key, value in baseline.items()} if baseline else None
    asked = entries[-1]["question"]
    notes = _told(first, metric, contrast)
    return Registration(holds, metric, contrast, chosen, asked, notes, tuple(remarks))


def note_look(study: Path, runs: int) -> None:
    """Note in a planned study that a table of so many runs was printed now, if it is the first of so many."""
    looks = _read_looks(study)
    if not (study / PLAN_FILE).is_file():
        return
    if not looks or looks[-1]["runs"] != runs:
        write_text(study / LOOKS_FILE, json.dumps([*looks, {"time": _now(), "runs": runs}], indent=1) + "\n")


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")


def _read_looks(study: Path) -> list[dict[str, Any]]:
    try:
        content = read_json(study / LOOKS_FILE)
    except (OSError, ValueError):
        return []
    looks = [look for look in content if isinstance(look, dict)] if isinstance(content, list) else []
    return [look for look in looks if isinstance(look.get("time"), str) and isinstance(look.get("runs"), int)]


def _contrast(entry: Mapping[str, Any]) -> dict[str, str]:
    chosen = (entry["question"].get("primary") or {}).get("contrast") or {}
    return {str(key): as_text(value) for key, value in chosen.items()}


def _told(entry: Mapping[str, Any], metric: str, contrast: Mapping[str, str]) -> tuple[str, ...]:
    """What was named and when; nothing where nothing was."""
    question = entry["question"]
    parts = [f"hypothesis: {question['hypothesis']}"] if question["hypothesis"] else []
    if contrast:
        parts.append(f"primary: {metric} of {', '.join(f'{key}={value}' for key, value in contrast.items())}")
    if question["smallest_effect"] is not None:
        parts.append(f"smallest effect that matters: {question['smallest_effect']:g}")
    planned = f"Planned {entry['time'][:16]} UTC (plan.json, sha256 {entry[HASH][:12]}): {'; '.join(parts)}."
    return (planned,) if parts else ()


def _changes(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """What of the question was changed after runs had begun."""
    found = []
    for before, entry in pairwise(entries):
        changed = [key for key in QUESTION if entry["question"].get(key) != before["question"].get(key)]
        if changed and entry["begun"]:
            count = len(entry["begun"])
            found.append(
                f"study.{', study.'.join(changed)} changed {entry['time'][:16]} UTC, after {count} runs had begun"
            )
    return found


def _looks(study: Path, entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """Seeds that were added after a table had been printed, by no rule that allows for it."""
    looks = _read_looks(study)
    planned = {run["seed"] for run in entries[0]["runs"]}
    for entry in entries[1:]:
        added = {run["seed"] for run in entry["runs"]} - planned
        seen = [look for look in looks if look["time"] < entry["time"]]
        if added and seen and entry["question"].get("seeds") is None:
            seeds = ", ".join(map(str, sorted(added)))
            return [
                f"seed {seeds} was added {entry['time'][:16]} UTC, after a table of {seen[-1]['runs']} runs had been "
                "printed: intervals and p allow for no such look; study.seeds=auto does"
            ]
        planned |= added
    return []

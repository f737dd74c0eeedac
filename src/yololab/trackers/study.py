"""What a tracker is told of a study when its sweep has ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class TrackedStudy:
    """The answer of a study: its table as text, and the files that hold it."""

    name: str
    folder: Path
    """Files of the tracker's own go in here"""
    headings: Sequence[str]
    lines: Sequence[Sequence[str]]
    """The table's cells, row by row"""
    notes: Sequence[str]
    """What a reader must know: method, warnings"""
    power: str
    """What the study could have seen"""
    figures: Sequence[Path] = ()
    """The same drawing in several formats"""
    page: Path | None = None
    """The report, one HTML file"""
    files: Sequence[Path] = ()
    """Tables, plan and the records of all runs"""
    run_ids: Sequence[str] = ()
    question: Mapping[str, object] = field(default_factory=dict)
    """study.* as it was asked: baseline, smallest effect, hypothesis"""

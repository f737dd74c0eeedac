"""What a run's page shows, read from its folder, whether it is done, going on or failed."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from yololab.errors import YololabError
from yololab.files import read_text
from yololab.metrics.names import PERCENT, is_score
from yololab.run.claim import Watch
from yololab.run.diagnosis import Diagnosis, read_diagnosis
from yololab.run.folder import RunFolder
from yololab.run.record import RunRecord
from yololab.run.status import State
from yololab.study.compare import Difference, compare
from yololab.study.output import table_of
from yololab.study.rows import Row

MOST_LINES = 400
"""Of a log, its last"""
MOST_PICTURES = 12


@dataclass(frozen=True)
class RunContents:
    """One run, ready to be drawn."""

    folder: RunFolder
    state: State
    record: RunRecord | None
    rows: Sequence[Mapping[str, float]]
    """Of its epochs"""
    diagnosis: Diagnosis | None
    baseline: RunRecord | None
    """A run of its study's baseline, of the same seed where there is one; None where it is one itself"""
    damage: Sequence[str] = field(default_factory=list)
    """What could not be read"""

    def series(self, *starts: str) -> dict[str, dict[int, float]]:
        """Columns of the epochs whose names begin so, scores in percent, by epoch from 1."""
        found: dict[str, dict[int, float]] = {}
        for row in self.rows:
            for key, value in row.items():
                if key.startswith(starts) and math.isfinite(value):
                    scale = PERCENT if is_score(key) else 1
                    found.setdefault(key, {})[int(row["epoch"]) + 1] = scale * value
        return found

    def changes(self) -> list[Difference]:
        """Settings in which it differs from the baseline."""
        if self.record is None or self.baseline is None:
            return []
        return [one for one in compare(self.baseline, self.record) if one.part == "configuration"]

    def pictures(self) -> list[Path]:
        """Its prediction pictures, by name."""
        return sorted((self.folder.path / "predictions").glob("*.jpg"))[:MOST_PICTURES]

    def text(self, path: Path) -> str:
        """The last MOST_LINES lines of a file of the run; nothing where it cannot be read."""
        try:
            lines = read_text(path).splitlines()
        except (OSError, ValueError):
            return ""
        return "\n".join(lines[-MOST_LINES:])


def read_run(folder: RunFolder, plain: Row | None = None) -> RunContents:
    """Of a run's folder, whatever is there. `plain`: its study's baseline, where that is known already."""
    damage: list[str] = []
    record, diagnosis, baseline = None, None, None
    try:
        record = folder.record()
        diagnosis = read_diagnosis(folder.path)
    except YololabError as error:
        damage.append(str(error))
    if record is not None:
        plain = plain or _plain_row(folder)
        baseline = _of_seed(plain, record) if plain is not None else None
    rows = list(record.curve) if record is not None else curve_rows(folder.metrics_file)
    return RunContents(folder, folder.state_seen_by(Watch()), record, rows, diagnosis, baseline, damage)


def _plain_row(folder: RunFolder) -> Row | None:
    """The baseline of a run's study."""
    try:
        table = table_of(folder.path.absolute().parent)
    except YololabError:
        return None
    return table.results[0].row if table is not None else None


def _of_seed(plain: Row, record: RunRecord) -> RunRecord | None:
    """The baseline's run of this seed, else any; None for a run of the baseline."""
    return None if record.run_id in plain.run_ids else plain.records.get(record.seed, plain.first)


def curve_rows(path: Path) -> list[dict[str, float]]:
    """Of metrics.csv; what is no number is left out."""
    found = []
    try:
        lines = list(csv.DictReader(read_text(path).splitlines()))
    except (OSError, ValueError, csv.Error):
        return []
    for line in lines:
        row = {}
        for key, value in line.items():
            try:
                row[str(key)] = float(value)
            except (TypeError, ValueError):
                continue
        if math.isfinite(row.get("epoch", math.nan)):
            found.append(row)
    return found

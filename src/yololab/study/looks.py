"""study.seeds=auto: after each seed, whether every comparison of a study is decided."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from yololab.statistics.decisions import Word
from yololab.study.output import table_of


@dataclass(frozen=True)
class Look:
    """What a study says after so many seeds."""

    seeds: int
    open: tuple[str, ...]
    """Comparisons that cannot be told yet"""
    comparisons: int

    @property
    def sentence(self) -> str:
        """For the terminal."""
        decided = self.comparisons - len(self.open)
        waiting = f"; still open: {', '.join(self.open)}" if self.open else ""
        return f"after {self.seeds} seeds {decided} of {self.comparisons} comparisons are decided{waiting}"


def look_at(study: Path, seeds: int) -> Look:
    """Judge a study by the rule that allows for looking after each seed."""
    table = table_of(study)
    judged = [result for result in (*table.results, *table.controls) if result.difference] if table else []
    still = [
        f"{result.row.label} - its {result.control}" if result.control else result.row.label
        for result in judged
        if result.difference is not None and result.difference.decision.word is Word.UNKNOWN
    ]
    return Look(seeds, tuple(still), len(judged))

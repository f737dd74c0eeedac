"""Rows by as few of their choices as tell all of them apart."""

from __future__ import annotations

from collections.abc import Sequence

from yololab.study.columns import Result
from yololab.study.table import StudyTable


class RowNames:
    """Names of a table's rows: "cbam, siou" where attention and loss tell rows apart and the head follows from them."""

    def __init__(self, table: StudyTable) -> None:
        self._results = table.results
        self._told: list[str] = []
        for factor in table.factors:
            if len(self._apart([*self._told, factor])) > len(self._apart(self._told)):
                self._told.append(factor)

    def of(self, result: Result) -> str:
        """The row's name; of a comparison with a control, "cbam − its placebo"."""
        chosen = [result.row.choices[factor] for factor in self._told if factor in result.row.choices]
        name = ", ".join(chosen) or "all runs"
        return f"{name} − its {result.control}" if result.control else name

    def _apart(self, factors: Sequence[str]) -> set[tuple[str, ...]]:
        return {tuple(one.row.choices.get(name, "") for name in factors) for one in self._results}

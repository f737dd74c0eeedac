"""Rows by as few of their choices as tell all of them apart."""

from __future__ import annotations

from collections.abc import Sequence

from yololab.study.columns import Result
from yololab.study.table import StudyTable

MODEL, OF_THE_MODEL = "model", "default"
"""A choice that means another thing in every model"""


class RowNames:
    """Names of a table's rows: "cbam, siou" where attention and loss tell rows apart and the head follows from them."""

    def __init__(self, table: StudyTable) -> None:
        self._results = table.results
        self._told: list[str] = []
        for factor in table.factors:
            if len(self._apart([*self._told, factor])) > len(self._apart(self._told)):
                self._told.append(factor)
        if MODEL in table.factors and MODEL not in self._told and self._says_default():
            self._told.insert(0, MODEL)

    def of(self, result: Result) -> str:
        """The row's name; of a comparison with a control, "cbam − its placebo"."""
        chosen = [result.row.choices[factor] for factor in self._told if factor in result.row.choices]
        name = ", ".join(chosen) or "all runs"
        return f"{name} − its {result.control}" if result.control else name

    def _says_default(self) -> bool:
        return any(one.row.choices.get(name) == OF_THE_MODEL for one in self._results for name in self._told)

    def _apart(self, factors: Sequence[str]) -> set[tuple[str, ...]]:
        return {tuple(one.row.choices.get(name, "") for name in factors) for one in self._results}

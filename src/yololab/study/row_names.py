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
        chosen = [_called(key, result.row.choices[key]) for key in self._told if key in result.row.choices]
        name = ", ".join(chosen) or "all runs"
        return f"{name} − its {result.control}" if result.control else name

    def _says_default(self) -> bool:
        return any(one.row.choices.get(name) == OF_THE_MODEL for one in self._results for name in self._told)

    def _apart(self, factors: Sequence[str]) -> set[tuple[str, ...]]:
        return {tuple(one.row.choices.get(name, "") for name in factors) for one in self._results}


def _called(key: str, value: str) -> str:
    """A choice by its name; a number, a list or a switch with the last word of its key: "width=0.25"."""
    is_name = value[:1].isalpha() and value not in ("true", "false", "null")
    return value if is_name else f"{key.rpartition('.')[2]}={value}"

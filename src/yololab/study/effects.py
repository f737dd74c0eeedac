"""Main effects and two-way interactions of what a study crosses, in percent points of mAP."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.table import Table

from yololab.errors import YololabError
from yololab.run.record import RunRecord
from yololab.statistics.factorial import Factorial, analyse_factorial
from yololab.study.columns import estimate_text, p_text
from yololab.study.formats import markdown_text
from yololab.study.judgement import percents
from yololab.study.rows import group_rows
from yololab.terminal import cell


@dataclass(frozen=True)
class Effects:
    """The analysis, and what was left out of it."""

    factorial: Factorial
    notes: tuple[str, ...]


def effects_of(records: Sequence[RunRecord]) -> Effects:
    """Effects of every column of the table. YololabError where fewer than two columns vary."""
    grouping = group_rows(records)
    rows = [row for row in grouping.rows if row.records]
    if len(grouping.columns) < 2 or len(rows) < 3:
        raise YololabError(
            f"effects: expected at least two crossed factors, found {', '.join(grouping.columns) or 'none'}; the table "
            "says all that one factor has to say"
        )
    labels = {str(index): row for index, row in enumerate(rows)}
    values = {name: percents(row) for name, row in labels.items()}
    factors = {name: dict(row.choices) for name, row in labels.items()}
    found = analyse_factorial(values, factors)
    notes = [
        "Percent points of mAP. A main effect is a level's mean minus that of the first level, other factors averaged; "
        "an interaction is a difference of differences. Simultaneous 95% intervals over seeds, all effects one family."
    ]
    for term, aliases in found.not_estimable.items():
        names = ", ".join(" x ".join(alias) for alias in aliases)
        notes.append(
            f"{' x '.join(term)} cannot be told" + (f" from {names}." if names else ": combinations are missing.")
        )
    return Effects(found, tuple(notes))


def rows_of(effects: Effects) -> list[list[str]]:
    """Effect, estimate with its interval, p, and what it cannot be told from; as text."""
    found = []
    for effect in effects.factorial.effects:
        estimate = effect.estimate
        aliases = ", ".join(" x ".join(term) for term in effect.aliased_with)
        found.append([estimate.name, estimate_text(estimate), p_text(estimate.p_value), aliases or estimate.note])
    return found


HEADINGS = ("effect", "Δ mAP (95% CI)", "p", "cannot be told from")


def to_markdown(effects: Effects) -> str:
    """A Markdown table, notes below."""
    lines = ["| " + " | ".join(HEADINGS) + " |", "|" + " --- |" * len(HEADINGS)]
    lines += ["| " + " | ".join(map(markdown_text, row)) + " |" for row in rows_of(effects)]
    return "\n".join([*lines, "", *map(markdown_text, effects.notes)]) + "\n"


def to_json(effects: Effects) -> str:
    """Full precision; null where a number is not defined."""

    def plain(value: object) -> object:
        return None if isinstance(value, float) and math.isnan(value) else value

    found = [
        {**{k: plain(v) for k, v in asdict(effect.estimate).items()},
         "aliased_with": [" x ".join(term) for term in effect.aliased_with]}
        for effect in effects.factorial.effects
    ]  # fmt: skip
    means = [asdict(mean) for mean in effects.factorial.marginal_means]
    return json.dumps({"effects": found, "marginal_means": means, "notes": effects.notes}, indent=1)


def to_rich(effects: Effects, title: str) -> Table:
    """For the terminal."""
    shown = Table(title=cell(title), title_justify="left")
    for heading in HEADINGS:
        shown.add_column(cell(heading), justify="right" if heading in HEADINGS[1:3] else "left", overflow="fold")
    for row in rows_of(effects):
        shown.add_row(*map(cell, row))
    return shown

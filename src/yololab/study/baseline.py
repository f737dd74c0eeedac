"""Which row the others are compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from yololab.config.identity import as_text, flat
from yololab.errors import ConfigError
from yololab.study.rows import PLAIN, Row


def choose_baseline(rows: Sequence[Row], wanted: Mapping[str, str] | None) -> tuple[int, str | None]:
    """Place of the baseline, and what to say where nobody named it and no row is plain.

    ConfigError that lists the rows where `wanted` fits none.
    """
    if wanted:
        fitting = places_of(rows, wanted)
        if not fitting:
            named = ", ".join(f"{key}={value}" for key, value in wanted.items())
            known = "; ".join(row.label for row in rows)
            raise ConfigError(f"baseline {named}: no row of the table has these; rows are: {known}")
        return fitting[0], None
    first = next((i for i, row in enumerate(rows) if row.records), 0)
    plain = all(value in PLAIN for value in rows[first].choices.values()) if rows else True
    if plain or len(rows) < 2 or any(value in PLAIN for value in rows[first].choices.values()):
        return first, None
    return first, (
        f"no row is plain, so {rows[first].label} was taken as the baseline; name another by study.baseline or "
        "--baseline KEY=VALUE,..."
    )


def places_of(rows: Sequence[Row], wanted: Mapping[str, str]) -> list[int]:
    """Places of the rows that have all of these choices."""
    return [i for i, row in enumerate(rows) if all(_has(row, key, value) for key, value in wanted.items())]


def _has(row: Row, key: str, value: str) -> bool:
    if key in row.choices:
        return row.choices[key] == str(value)
    same = {**flat(row.first.science), **row.first.choices}  # as in all rows
    return key in same and (same[key] is None or as_text(same[key]) == as_text(value))  # None: left to another key

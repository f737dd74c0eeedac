"""A score by row and by part (class, size, kind of error), each with its difference to the baseline."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from yololab.study.publish import html_text

MOST_PARTS = 40


@dataclass(frozen=True)
class Breakdown:
    """Values by row, the baseline's first, in the order of `parts`; nan where none is known."""

    parts: tuple[str, ...]
    rows: Mapping[str, Sequence[float]]

    def known(self) -> Breakdown:
        """Without the parts that no row has a value of."""
        kept = [i for i in range(len(self.parts)) if any(not math.isnan(row[i]) for row in self.rows.values())]
        rows = {name: [row[i] for i in kept] for name, row in self.rows.items()}
        return Breakdown(tuple(self.parts[i] for i in kept), rows)


def breakdown(shown: Breakdown, title: str, told: str, label: str) -> str:
    """A table; nothing where no value is known. `told` says what the numbers are, `label` what the table is of."""
    shown = shown.known()
    if not shown.parts:
        return ""
    heads = "".join(f"<th scope=col class=n>{html_text(name)}</th>" for name in shown.parts[:MOST_PARTS])
    base = next(iter(shown.rows.values()))
    rows = []
    for place, (name, values) in enumerate(shown.rows.items()):
        pairs = list(zip(values, base))[:MOST_PARTS]
        fields = "".join(_field(value, math.nan if place == 0 else other) for value, other in pairs)
        rows.append(f"<tr><th scope=row>{html_text(name)}</th>{fields}</tr>")
    left_out = len(shown.parts) - MOST_PARTS
    more = f" {left_out} further ones are not shown." if left_out > 0 else ""
    return (
        f"<h3>{html_text(title)}</h3><p class=quiet>{html_text(told)}{more}</p>"
        f'<div class=scroll tabindex=0 role=region aria-label="{html_text(label)}"><table><thead><tr><td></td>{heads}'
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _field(value: float, base: float) -> str:
    if math.isnan(value):
        return "<td class=n>–</td>"
    change = "" if math.isnan(base) else f"<small>{value - base:+.1f}</small>"
    return f"<td class=n>{value:.1f}{change}</td>"

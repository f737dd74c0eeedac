"""Which runs are controls: what stands in an attention's place, or a baseline widened to its cost."""

from __future__ import annotations

from collections.abc import Mapping

from yololab.config.target import TARGET
from yololab.run.record import RunRecord

KINDS = {"layers": "placebo", "random_gate": "random gate"}
WIDENED = "widened baseline"
CONTROL_KEYS = ("insert_pos.placebo", "match", "match_form")


def kind_of(record: RunRecord) -> str | None:
    """Which control a run is: placebo, random gate or widened baseline; None where it is none."""
    science = record.science
    attention = science.get("attention")
    if isinstance(attention, Mapping) and attention.get(TARGET, "") is None:
        return None  # there is nothing to control: it is the plain run itself
    if science.get("match") is not None:
        return WIDENED
    insert_pos = science.get("insert_pos")
    asked = insert_pos.get("placebo") if isinstance(insert_pos, Mapping) else None
    return KINDS.get("layers" if asked is True else str(asked))


def attention_of(record: RunRecord) -> str | None:
    """What a table calls a control, where it calls another run by its attention; None for what is no control."""
    kind, chosen = kind_of(record), record.choices.get("attention", "")
    if kind == WIDENED:
        return f"{WIDENED} ({chosen} left out, equal {record.science['match']})"
    return f"{chosen} ({kind})" if kind else None

"""What the branches of a one-to-one head learn: weights that may move by epoch, and an assigner each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yololab.assigners.base import Assigner
from yololab.assigners.keep_best import KeepBest
from yololab.assigners.tal import TaskAligned
from yololab.errors import ConfigError, did_you_mean

KEYS = ("weight", "top_k", "keep")


@dataclass(frozen=True)
class Branch:
    """One branch's weight, (first, last) where it moves, and its assigner."""

    weight: float | tuple[float, float]
    assigner: Assigner


def branches_of(given: Mapping[str, Any] | None, assigner: Assigner) -> dict[str, Branch]:
    """The branches of loss.branches: {NAME: {weight, top_k, keep}}.

    `top_k` and `keep` change a task-aligned assigner; any other gives a branch with `top_k` or `keep` its best point of
    each box. ConfigError for an unknown key.
    """
    found = {}
    for name, settings in (given or {}).items():
        for key in settings:
            if key not in KEYS:
                raise ConfigError(f"loss.branches.{name}: there is no {key!r}{did_you_mean(str(key), KEYS)}")
        weight = settings.get("weight", 1.0)
        found[name] = Branch(
            (float(weight[0]), float(weight[1])) if isinstance(weight, list | tuple) else float(weight),
            _assigner(assigner, settings.get("top_k"), settings.get("keep")),
        )
    return found


def _assigner(base: Assigner, top_k: int | None, keep: int | None) -> Assigner:
    if top_k is None and keep is None:
        return base
    if isinstance(base, TaskAligned):
        return base.with_counts(base.top_k if top_k is None else top_k, keep)
    return KeepBest(base)

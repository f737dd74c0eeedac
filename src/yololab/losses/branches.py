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
NAMES = ("one2many", "one2one", "aux", "main")


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
        if name not in NAMES:
            raise ConfigError(f"loss.branches: there is no branch {name!r}{did_you_mean(str(name), NAMES)}")
        if not isinstance(settings, Mapping):
            raise ConfigError(f"loss.branches.{name}={settings!r}: expected a mapping of {', '.join(KEYS)}")
        for key in settings:
            if key not in KEYS:
                raise ConfigError(f"loss.branches.{name}: there is no {key!r}{did_you_mean(str(key), KEYS)}")
        counts = [_count(name, key, settings.get(key)) for key in ("top_k", "keep")]
        found[name] = Branch(_weight(name, settings.get("weight", 1.0)), _assigner(assigner, *counts))
    return found


def _weight(name: str, weight: Any) -> float | tuple[float, float]:
    numbers = list(weight) if isinstance(weight, list | tuple) else [weight]
    pair = isinstance(weight, list | tuple)
    if len(numbers) != 1 + pair or not all(
        isinstance(one, int | float) and not isinstance(one, bool) and 0 <= one < float("inf") for one in numbers
    ):
        raise ConfigError(f"loss.branches.{name}.weight={weight!r}: expected a number from 0, or [first, last epoch's]")
    return (float(numbers[0]), float(numbers[1])) if pair else float(numbers[0])


def _count(name: str, key: str, value: Any) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise ConfigError(f"loss.branches.{name}.{key}={value!r}: expected a whole number from 1")
    return value


def _assigner(base: Assigner, top_k: int | None, keep: int | None) -> Assigner:
    if top_k is None and keep is None:
        return base
    if isinstance(base, TaskAligned):
        return base.with_counts(base.top_k if top_k is None else top_k, keep)
    return KeepBest(base)

"""Several trackers at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lightning.pytorch.loggers import Logger

from yololab.config.target import arguments_of, find_class, instantiate
from yololab.errors import ConfigError
from yololab.trackers.base import TrackedRun, Tracker
from yololab.trackers.picture import Picture
from yololab.trackers.study import TrackedStudy


class SeveralTrackers(Tracker):
    """Tells each of `trackers` ({name: {_target_: ..., ...}}) what one would be told; the first that has an id for the
    run gives it.

    A tracker that fails to close keeps no other from closing.
    """

    def __init__(self, run: TrackedRun, *, trackers: Mapping[str, Mapping[str, Any]]) -> None:
        if not trackers:
            raise ConfigError("tracker.trackers: expected at least one, such as {wandb: {_target_: ...}}")
        self.trackers = [instantiate(one, Tracker, f"tracker.trackers.{name}", run) for name, one in trackers.items()]
        self.external_id = next((one.external_id for one in self.trackers if one.external_id), None)
        self.logger = [logger for one in self.trackers for logger in loggers_of(one)]

    def finish(self, summary: Mapping[str, Any], pictures: Sequence[Picture]) -> None:
        """All of them."""
        self._each(lambda one: one.finish(summary, pictures))

    def abandon(self) -> None:
        """All of them."""
        self._each(lambda one: one.abandon())

    @classmethod
    def finish_study(cls, study: TrackedStudy, *, trackers: Mapping[str, Mapping[str, Any]]) -> None:  # type: ignore[override]
        """All of them."""
        kinds = [(find_class(one["_target_"], Tracker), arguments_of(one)) for one in trackers.values()]
        _each(kinds, lambda kind: kind[0].finish_study(study, **kind[1]))

    def _each(self, close: Callable[[Tracker], None]) -> None:
        _each(self.trackers, close)


def _each(items: Sequence[Any], tell: Callable[[Any], None]) -> None:
    """Tell all of them; then raise what the first of those that failed has raised."""
    errors = []
    for item in items:
        try:
            tell(item)
        except Exception as error:
            errors.append(error)
    if errors:
        raise errors[0]


def loggers_of(tracker: Tracker) -> list[Logger]:
    """Lightning's loggers of a tracker, however many it has."""
    found = tracker.logger
    return [] if found is None else [found] if isinstance(found, Logger) else list(found)

"""What a plan consists of: runs that are composed and identified, and what a reader must know about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from yololab.config.combinations import Composed
from yololab.config.identity import Identity, is_science
from yololab.detector import Detector
from yololab.run.folder import RunFolder, RunSpec
from yololab.run.status import State


@dataclass(frozen=True)
class PlannedRun:
    """One combination of settings."""

    overrides: tuple[str, ...]
    varied: tuple[str, ...]
    """Those overrides in which it differs from the plan's other runs"""
    composed: Composed
    identity: Identity
    graph_key: str
    state: State
    duplicate_of: PlannedRun | None = None
    """The first one that is the same run: same graph, same science, same data"""

    @property
    def run_id(self) -> str:
        """Name of its run folder."""
        return self.identity.run_id

    @property
    def folder(self) -> RunFolder:
        """Where it runs."""
        return RunFolder.of(self.composed.config, self.run_id)

    @property
    def label(self) -> str:
        """ "attention=cbam seed=0"."""
        return label_of(self.varied)

    def spec(self, threads: int | None = None) -> RunSpec:
        """What its folder keeps; a run of a sweep is never the one that plans or clears.

        `threads` is what the launcher has for it, where neither the user nor an earlier plan has decided.
        """
        config = dict(self.composed.config)
        config["plan"] = False
        decided = config["runtime"]["threads"] or self.folder.threads() or threads
        config["runtime"] = {**config["runtime"], "rerun": False, "folder": None, "threads": decided}
        return RunSpec(config, self.composed.choices, self.overrides)

    def freeze(self, threads: int | None) -> None:
        """Write its folder unless it is done or being run; note in it which other choices it stands for."""
        folder, stands_for_others = self.folder, self._is_planned_under_other_choices()
        if self.duplicate_of is None and not (self.state.is_finished or self.state is State.RUNNING):
            spec = self.spec(threads)
            if stands_for_others:  # the run keeps the overrides under which it was planned first
                spec = replace(spec, choices=folder.choices(), overrides=folder.overrides())
            folder.freeze(spec)
            if folder.record() is not None:
                folder.reopen()
        if stands_for_others:
            folder.add_other_choices(self.composed.choices)

    def _is_planned_under_other_choices(self) -> bool:
        """In this plan, or earlier in the study's life."""
        own, mine = self.folder.choices(), self.composed.choices
        shared = [key for key in own.keys() & mine.keys() if "/" not in key and is_science(key)]
        return any(own[key] != mine[key] for key in shared)


def label_of(varied: tuple[str, ...]) -> str:
    """How a run is called among the others of its plan."""
    return " ".join(varied) or "(one run)"


@dataclass(frozen=True)
class Plan:
    """All runs, and what a reader must know about them."""

    planned: tuple[PlannedRun, ...]
    excluded: int
    """Left out by study.exclude"""
    thinned: int
    """Left out by study.design"""
    confounded: tuple[str, ...]
    """Effects that the design cannot tell apart"""
    resolution: int | None
    notes: tuple[str, ...]
    detectors: Mapping[str, Detector] = field(repr=False)
    """One per distinct graph, without memory, by `graph_key`"""
    images: Mapping[str, Mapping[str, int]] = field(repr=False)
    """Images of every split, by data fingerprint"""

    @property
    def runs(self) -> tuple[PlannedRun, ...]:
        """Without duplicates: one per run folder."""
        return tuple(run for run in self.planned if run.duplicate_of is None)

    @property
    def studies(self) -> tuple[Path, ...]:
        """Study folders that the runs belong to."""
        return tuple(dict.fromkeys(run.folder.path.parent for run in self.planned))

    def counts(self) -> dict[State, int]:
        """Planned runs by state."""
        return dict(Counter(run.state for run in self.planned))

    def freeze(self, threads: int | None = None) -> None:
        """Write the folder of every run that is not done and not being run; see `PlannedRun.spec` for `threads`."""
        for run in self.planned:
            run.freeze(threads)

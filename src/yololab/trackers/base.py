"""The contract of a tracker: it sees one run, from before its first step to its record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers import Logger

from yololab.config.identity import is_science
from yololab.trackers.picture import Picture
from yololab.trackers.study import TrackedStudy

LONGEST = 120
"""Characters of a title"""


@dataclass(frozen=True)
class GraphTable:
    """A detector's named graph, a line a node."""

    headings: Sequence[str] = ("node", "block", "reads", "output", "parameters", "GFLOPs")
    lines: Sequence[Sequence[Any]] = ()


def no_graph() -> GraphTable:
    """Where nothing is known of it."""
    return GraphTable()


@dataclass(frozen=True)
class TrackedRun:
    """What a tracker is told when a run starts."""

    run_id: str
    study: str
    folder: Path
    """Files of the tracker's own go in here"""
    config: Mapping[str, Any]
    """What counts as science, and the choice of every group"""
    title: str = ""
    """What it is, in words: "attention=cbam, insert_pos=neck, seed 0"; empty where nothing was said"""
    graph: Callable[[], GraphTable] = no_graph
    """Counted when it is asked for: at a run's end, when the next one trains already"""


def title_of(overrides: Sequence[str], seed: int) -> str:
    """A run's title of what was typed for it: what can change its result, and its seed."""
    said = [text.lstrip("+") for text in overrides if is_science(text.lstrip("+~").partition("=")[0])]
    words = [*(text for text in said if not text.startswith("seed=")), f"seed {seed}"]
    title = ", ".join(words)
    return title if len(title) <= LONGEST else f"{title[: LONGEST - 3]}..."


def figures_of(folder: Path) -> list[Path]:
    """Figures of a finished run that trackers show beside its predictions."""
    return [path for name in ("precision_recall.png", "confusion.png") if (path := folder / name).is_file()]


def final_numbers(summary: Mapping[str, Any]) -> dict[str, float]:
    """What of a summary is a number, apart from the curves: "final/mAP"."""
    return {f"final/{name}": float(value) for name, value in summary.items() if isinstance(value, int | float)}


class Tracker:
    """Follows one run. Its first constructor argument is a TrackedRun; the others are those of its YAML."""

    logger: Logger | Sequence[Logger] | None = None
    """Lightning logs losses and metrics through it, or through each of them"""
    external_id: str | None = None
    """What the tracker calls the run; the record keeps it"""

    def finish(self, summary: Mapping[str, Any], pictures: Sequence[Picture]) -> None:
        """The run is done: take its final numbers and the pictures of its predictions, and close."""
        raise NotImplementedError

    def abandon(self) -> None:
        """The run has failed or was interrupted: close."""
        raise NotImplementedError

    @classmethod
    def finish_study(cls, study: TrackedStudy, **arguments: Any) -> None:
        """A sweep has ended: take the study's table and figures. `arguments` are those of the YAML.

        Nothing, where a tracker has no place for a study.
        """

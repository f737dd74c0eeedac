"""What the live page asks for: states, curves and pictures of a study's runs, as plain data."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Any

from yololab.metrics.names import PERCENT
from yololab.report.run_contents import curve_rows
from yololab.run.claim import Watch
from yololab.run.folder import RUN_ID, RunFolder
from yololab.run.status import State
from yololab.sweep.launch.overview import Pace
from yololab.sweep.states import progress_of, states_of

MOST_CURVES = 40
METRIC = "val/mAP"
PICTURES = ("predictions", "diverged")


class LiveState:
    """A study as it is now; asked again and again by one page or several."""

    def __init__(self, study: Path) -> None:
        self.study = study
        self._watch, self._pace = Watch(), Pace()
        self._curves: dict[str, tuple[float, list[list[float]]]] = {}

    def now(self) -> dict[str, Any]:
        """States with what differs between runs, curves of those with some, time left. JSON's types alone."""
        states = states_of(self.study, self._watch)
        left = self._pace.remaining([progress_of(state) for state in states], time.monotonic())
        shared = set.intersection(*(set(state["overrides"]) for state in states)) if len(states) > 1 else set()
        runs = []
        for state in states:
            score = state["mAP"]
            runs.append(
                {
                    "run": state["run"],
                    "label": " ".join(text for text in state["overrides"] if text not in shared),
                    "state": str(state["state"]),
                    "epoch": state["epoch"],
                    "epochs": state["epochs"],
                    "mAP": None if score is None or not math.isfinite(score) else PERCENT * score,
                    "seconds": state["seconds"],
                    "why": _why(state),
                    "curve": self._curve(state["run"]) if len(runs) < MOST_CURVES else [],
                    "pictures": self.pictures(state["run"])[:3],
                }
            )
        return {"study": self.study.name, "left": left, "runs": runs}

    def pictures(self, run: str) -> list[str]:
        """Names of a run's pictures that may be shown, folder/file."""
        found = []
        for kind in PICTURES:
            folder = self.study / run / kind
            if folder.is_dir() and not folder.is_symlink():
                found += [f"{kind}/{path.name}" for path in sorted(folder.glob("*.jpg")) if not path.is_symlink()]
        return found

    def picture(self, run: str, name: str) -> bytes | None:
        """A picture that `pictures` lists; None for anything else."""
        if not RUN_ID.fullmatch(run) or name not in self.pictures(run):
            return None
        try:
            return (self.study / run / name).read_bytes()
        except OSError:
            return None

    def _curve(self, run: str) -> list[list[float]]:
        """[epoch from 1, percent] of the validation, read again where the file has changed."""
        path = RunFolder(self.study / run).metrics_file
        try:
            changed = path.stat().st_mtime
        except OSError:
            return []
        known = self._curves.get(run)
        if known is None or known[0] != changed:
            rows = [(row["epoch"] + 1, row.get(METRIC, math.nan)) for row in curve_rows(path)]
            known = changed, [[epoch, PERCENT * value] for epoch, value in rows if math.isfinite(value)]
            self._curves[run] = known
        return known[1]


def _why(state: dict[str, Any]) -> str:
    if state["state"] in (State.DONE, State.PRUNED):
        return ""
    message = str(state["error"].get("message") or "").splitlines()
    return message[0] if message else ""

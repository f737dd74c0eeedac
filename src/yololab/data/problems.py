"""What is wrong in a data set: counted, listed with file and line, dropped or refused, never passed over."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from yololab.errors import ConfigError, DataError
from yololab.terminal import visible

DROP = "drop"
REFUSE = "refuse"
SHOWN = 10
HARMLESS = ("clipped", "scaled", "noted")
"""What is done without loss, and never refused"""
LONGEST = 300


def shown(text: str, longest: int = LONGEST) -> str:
    """Text of a file as it can be printed and written: no control characters, no half characters, not too long."""
    whole = visible(text, newlines=False)
    return whole if len(whole) <= longest else f"{whole[:longest]}... ({len(whole):,} characters)"


@dataclass(frozen=True)
class Problem:
    """One finding. `line` is 0 where the file has no lines; `action` says what was done about it."""

    kind: str
    file: str
    line: int
    detail: str
    action: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.kind}: {self.detail} ({self.action})"


@dataclass
class ProblemLog:
    """Findings of one split. With `on_error="refuse"`, `settle` raises if there is any but a clipped box."""

    on_error: str = DROP
    problems: list[Problem] = field(default_factory=list)
    advice: str = ""
    """What to look at where a split turns out to have no object at all"""
    objects: int = 0
    """What the files hold, usable or not"""
    other_classes: Counter[str] = field(default_factory=Counter)
    """Objects of classes that are none, by name"""

    def __post_init__(self) -> None:
        if self.on_error not in (DROP, REFUSE):
            raise ConfigError(f"data.on_error must be 'drop' or 'refuse', got {self.on_error!r}")

    def add(self, kind: str, file: str | Path, line: int, detail: str, action: str = "dropped") -> None:
        """Note one finding; names of files in any encoding, and long contents, are made fit to be shown."""
        self.problems.append(Problem(kind, shown(str(file), 500), line, shown(detail), action))

    def why_no_object(self) -> str:
        """What to look at or to write where no object of a split can be used."""
        if not self.other_classes:
            return self.advice
        names = [shown(name, 60) for name, _ in self.other_classes.most_common(SHOWN)]
        listed = ",".join(name if re.fullmatch(r"[\w-]+", name) else f'"{name}"' for name in names)
        return f"the files contain {', '.join(names)}; write 'data.classes=[{listed}]', or data.classes=[] for all"

    def counts(self) -> dict[str, int]:
        """Findings by kind."""
        return dict(Counter(problem.kind for problem in self.problems))

    def settle(self, what: str) -> None:
        """Raise DataError, listing the first findings, if the user wants them refused."""
        serious = [problem for problem in self.problems if problem.action not in HARMLESS]
        if self.on_error == REFUSE and serious:
            lines = "\n".join(f"  {problem}".replace("(dropped)", "").rstrip() for problem in serious[:SHOWN])
            more = f"\n  ... and {len(serious) - SHOWN} more" if len(serious) > SHOWN else ""
            raise DataError(
                f"{what}: {len(serious)} problems, and data.on_error=refuse:\n{lines}{more}\n"
                "Mend the files, or let data.on_error=drop leave these objects and images out."
            )

    def summary(self, what: str) -> str:
        """A paragraph for the terminal; empty where nothing was found."""
        if not self.problems:
            return ""
        counts = ", ".join(f"{count} x {kind}" for kind, count in sorted(self.counts().items()))
        lines = [f"{what}: {counts}"] + [f"  {problem}" for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"  ... and {len(self.problems) - SHOWN} more, all in the run's data_problems files")
        return "\n".join(lines)

    def to_json(self) -> str:
        """Counts and the whole list."""
        return json.dumps({"counts": self.counts(), "problems": [asdict(p) for p in self.problems]}, indent=1)

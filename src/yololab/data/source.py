"""The contract of a data source: class names, and splits read on demand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from yololab.data.detection_data import DetectionData
from yololab.errors import ConfigError, DataError, did_you_mean

FINALS = ("val", "test")


class DataSource:
    """A data set that can be read split by split. `classes` may be known before anything is read.

    `final` is the split that final numbers come from: "val", or "test" where there is one.
    """

    def __init__(self, classes: Sequence[str], on_error: str = "drop", final: str = "val") -> None:
        if final not in FINALS:
            raise ConfigError(f"data.final={final}: expected one of {', '.join(FINALS)}{did_you_mean(final, FINALS)}")
        self.classes = checked_classes(classes, "data.classes")
        self.on_error = on_error
        self.final = final

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.classes)

    def read(self, split: str) -> DetectionData:
        """Read "train", "val" or "test", check everything, and return it; DataError where that is impossible."""
        raise NotImplementedError


def checked_classes(names: object, where: str) -> tuple[str, ...]:
    """Names of classes. ConfigError, which begins with `where`, unless they are distinct texts."""
    if isinstance(names, str) or not isinstance(names, Sequence):
        raise ConfigError(f"{where}: expected a list of names, got {names!r}")
    for index, name in enumerate(names):
        if not isinstance(name, str):
            raise ConfigError(f"{where}: {name!r} (number {index}) is not text; write it in quotes")
        if not name.strip() or not name.isprintable():
            raise ConfigError(f"{where}: {name!r} (number {index}) is no name")
    found = tuple(name.strip() for name in names)
    twice = sorted(name for name, count in Counter(found).items() if count > 1)
    if twice:
        raise ConfigError(f"{where}: {', '.join(map(repr, twice))} stands twice")
    return found


def require_test(test: object) -> None:
    """ConfigError where a source that is asked for its test split has none."""
    if not test:
        raise ConfigError("data.final=test: this data set names no test split; set data.test, or data.final=val")


def require_folder(root: Path, expected: str) -> None:
    """DataError that says what to set where `root` is no folder."""
    if not root.is_dir():
        raise DataError(f"data.root={root} is not a folder; expected {expected}. Set data.root=/path/to/it.")

"""The contract of a data source: class names, and splits read on demand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from yololab.data.detection_data import DetectionData
from yololab.errors import DataError


class DataSource:
    """A data set that can be read split by split. `classes` may be known before anything is read."""

    def __init__(self, classes: Sequence[str], on_error: str = "drop") -> None:
        self.classes = tuple(classes)
        self.on_error = on_error

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.classes)

    def read(self, split: str) -> DetectionData:
        """Read "train" or "val", check everything, and return it; DataError where that is impossible."""
        raise NotImplementedError


def require_folder(root: Path, expected: str) -> None:
    """DataError that says what to set where `root` is no folder."""
    if not root.is_dir():
        raise DataError(f"data.root={root} is not a folder; expected {expected}. Set data.root=/path/to/it.")

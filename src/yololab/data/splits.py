"""Both splits of a data set, read and checked before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass

from yololab.data.detection_data import DetectionData
from yololab.data.source import DataSource
from yololab.errors import ConfigError, DataError


@dataclass(frozen=True)
class Splits:
    """Training and validation data."""

    train: DetectionData
    val: DetectionData

    @property
    def fingerprint(self) -> str:
        """Of both splits: what they hold, wherever they lie."""
        return f"{self.train.fingerprint()}-{self.val.fingerprint()}"

    @property
    def by_name(self) -> dict[str, DetectionData]:
        """The splits as "train" and "val"."""
        return {"train": self.train, "val": self.val}

    def require_masks(self) -> None:
        """DataError that names the first image whose objects have no masks."""
        for data in (self.train, self.val):
            without = [record for record in data.records if len(record) and record.masks is None]
            if without:
                first = without[0].path or without[0].name
                raise DataError(
                    f"task=segment needs a mask for every object; {len(without)} of {len(data.records)} images "
                    f"have objects without one, the first is {first}"
                )


def read_splits(source: DataSource, num_classes: int | None) -> Splits:
    """Read both splits. DataError where one has no usable image, ConfigError where `num_classes` is too small."""
    splits = Splits(source.read("train"), source.read("val"))
    for name, split in splits.by_name.items():
        if not split.records:
            raise DataError(f"data: the {name} split has no usable image")
    classes = splits.train.classes
    if num_classes is not None and num_classes < len(classes):
        raise ConfigError(f"num_classes={num_classes}: the data has {len(classes)} classes")
    return splits

"""All splits of a data set that a run needs, read and checked before anything is trained."""

from __future__ import annotations

from dataclasses import dataclass

from yololab.data.detection_data import DetectionData
from yololab.data.problems import shown
from yololab.data.similar import similar_pairs
from yololab.data.source import DataSource
from yololab.errors import ConfigError, DataError

SHOWN_CLASSES = 12


@dataclass(frozen=True)
class Splits:
    """Training and validation data, and the test data where the final numbers come from them."""

    train: DetectionData
    val: DetectionData
    test: DetectionData | None = None

    @property
    def fingerprint(self) -> str:
        """Of all splits: what they hold, wherever they lie."""
        return "-".join(data.fingerprint() for data in self.by_name.values())

    @property
    def by_name(self) -> dict[str, DetectionData]:
        """The splits as "train", "val" and, where it is read, "test"."""
        found = {"train": self.train, "val": self.val}
        return found if self.test is None else found | {"test": self.test}

    @property
    def final(self) -> str:
        """The split that final numbers come from."""
        return "val" if self.test is None else "test"

    def summary(self) -> str:
        """ "train 205 images, 2,650 boxes; val 87 images, 1,136 boxes; 3 classes: RBC, WBC, Platelets"."""
        sizes = [
            f"{name} {len(data.records):,} images, {sum(map(len, data.records)):,} boxes"
            for name, data in self.by_name.items()
        ]
        names = [shown(name, 40) for name in self.train.classes]
        listed = ", ".join(names[:SHOWN_CLASSES]) + ", ..." * (len(names) > SHOWN_CLASSES)
        return "; ".join([*sizes, f"{len(names)} class{'es' * (len(names) != 1)}: {listed}"])

    def require_masks(self) -> None:
        """DataError that names the first image whose objects have no masks."""
        for data in self.by_name.values():
            without = [record for record in data.records if len(record) and record.masks is None]
            if without:
                first = without[0].path or without[0].name
                raise DataError(
                    f"task=segment needs a mask for every object; {len(without)} of {len(data.records)} images "
                    f"have objects without one, the first is {first}"
                )


def read_splits(source: DataSource, num_classes: int | None) -> Splits:
    """Read what `source` needs. DataError where a split has no usable image or no object, or images stand in two splits
    and problems are to be refused; ConfigError where `num_classes` is too small."""
    test = source.read("test") if source.final == "test" else None
    splits = Splits(source.read("train"), source.read("val"), test)
    for name, split in splits.by_name.items():
        _require_objects(name, split)
    note_repeated_images(splits)
    note_similar_images(splits)
    classes = splits.train.classes
    if num_classes is not None and num_classes < len(classes):
        raise ConfigError(f"num_classes={num_classes}: the data has {len(classes)} classes")
    return splits


def _require_objects(name: str, split: DetectionData) -> None:
    if any((~record.crowd).any() for record in split.records):
        return
    log = split.problems
    missing = "object in any of its images" if split.records else "usable image"
    parts = [f"data: the {name} split has no {missing}", f"0 usable boxes of {log.objects}", log.why_no_object()]
    found = log.summary("what was found wrong")
    raise DataError("; ".join(part for part in parts if part) + f"\n{found}" * bool(found))


def note_repeated_images(splits: Splits) -> None:
    """Note images that stand in two splits, by their bytes, or twice in one. DataError where those are to be refused.

    An image that is trained on and judged makes every number too good.
    """
    first: dict[str, tuple[str, str]] = {}
    for name, data in splits.by_name.items():
        for record in data.records:
            if record.content is None:
                continue
            if record.content not in first:
                first[record.content] = (name, record.name)
                continue
            split, image = first[record.content]
            kind, action = ("image twice", "noted") if split == name else ("image in two splits", "kept")
            detail = f"the same image as {image} of the {split} split"
            data.problems.add(kind, record.path or record.name, 0, detail, action)
        data.problems.settle(f"data ({name})")


def note_similar_images(splits: Splits) -> None:
    """Note images that are judged and look like one that is trained on, though their bytes differ."""
    train = splits.train.records
    for data in list(splits.by_name.values())[1:]:
        pairs = similar_pairs([record.look for record in train], [record.look for record in data.records])
        for seen, judged in pairs:
            record, other = data.records[judged], train[seen]
            if record.content != other.content:  # else it is told already
                detail = f"it looks like {other.name} of the train split"
                data.problems.add("similar image in two splits", record.path or record.name, 0, detail, "noted")

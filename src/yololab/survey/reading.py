"""A data set read for its report: every split that can be, and why the others cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from yololab.data.detection_data import DetectionData
from yololab.data.source import DataSource
from yololab.data.splits import Splits, note_repeated_images, note_similar_images
from yololab.errors import YololabError

NAMES = ("train", "val", "test")


@dataclass(frozen=True)
class Reading:
    """What could be read."""

    splits: Mapping[str, DetectionData]
    unread: Mapping[str, str] = field(default_factory=dict)
    """Why a split that training needs could not be read"""


def read_all(source: DataSource) -> Reading:
    """Read train, val and, where there is one, test; images in two splits are noted among the problems.

    YololabError where not even the training split can be read.
    """
    found: dict[str, DetectionData] = {}
    unread: dict[str, str] = {}
    for name in NAMES:
        try:
            found[name] = source.read(name)
        except YololabError as error:
            if name == "train":
                raise
            if name == "val":
                unread[name] = str(error)
    if "val" in found:
        splits = Splits(found["train"], found["val"], found.get("test"))
        try:
            note_repeated_images(splits)
            note_similar_images(splits)
        except YololabError as error:  # on_error=refuse: a report is what names them
            unread["leaks"] = str(error)
    return Reading(found, unread)

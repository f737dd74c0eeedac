from __future__ import annotations

import pytest

from yololab.data import ShapesSource
from yololab.errors import DataError
from yololab.survey.reading import read_all


class Half(ShapesSource):
    """A source whose validation split cannot be read."""

    def read(self, split):
        if split == "val":
            raise DataError("no val here")
        return super().read(split)


def test_every_split_that_there_is_is_read():
    assert list(read_all(ShapesSource(train=2, val=1, test=1, size=32)).splits) == ["train", "val", "test"]
    assert list(read_all(ShapesSource(train=2, val=1, size=32)).splits) == ["train", "val"]


def test_a_split_that_cannot_be_read_is_told_and_the_others_are_shown():
    found = read_all(Half(train=2, size=32))
    assert list(found.splits) == ["train"]
    assert found.unread == {"val": "no val here"}


def test_without_a_training_split_there_is_nothing_to_report():
    class Nothing(ShapesSource):
        def read(self, split):
            raise DataError("no train here")

    with pytest.raises(DataError, match="no train here"):
        read_all(Nothing())

from __future__ import annotations

import pytest

from data.case import CLASSES
from yololab.data import VOCSource, YOLOSource
from yololab.errors import DataError


def test_missing_roots_say_what_to_set(tmp_path):
    for source in (VOCSource(str(tmp_path / "x"), CLASSES), YOLOSource(str(tmp_path / "x"))):
        with pytest.raises(DataError, match=r"data.root"):
            source.read("train")

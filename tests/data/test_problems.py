from __future__ import annotations

import pytest

from data.case import CLASSES, voc_object, write_voc
from yololab.data import VOCSource
from yololab.errors import ConfigError, DataError


def test_refuse_lists_what_is_wrong_and_what_to_do(tmp_path):
    root = write_voc(tmp_path, {"a": voc_object("dog", (8, 8, 8, 20))})
    with pytest.raises(
        DataError, match=r"1 problems.*refuse:\n.*a\.xml:2: zero area.*\nMend the files, or let data.on_error=drop"
    ):
        VOCSource(str(root), CLASSES, on_error="refuse").read("train")
    with pytest.raises(ConfigError, match="data.on_error must be 'drop' or 'refuse', got 'ignore'"):
        VOCSource(str(root), CLASSES, on_error="ignore").read("train")

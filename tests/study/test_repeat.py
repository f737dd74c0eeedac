from __future__ import annotations

import pytest

from study.case import record
from yololab.errors import YololabError
from yololab.run.folder import RunFolder
from yololab.study.compare import Difference
from yololab.study.repeat import Repeat, repeat


def test_numbers_count_and_surroundings_do_not():
    one = record()
    found = Repeat(RunFolder.of({"runtime": {"root": "."}, "study": {"name": "s"}}, "r"), one, one,
                   [Difference("environment", "torch", 1, 2)], None)  # fmt: skip
    assert found.is_same
    for worse in ({"differences": [Difference("metrics", "mAP", 1, 2)]}, {"different_weights": ["w"]}):
        assert not Repeat(**{**vars(found), **worse}).is_same


def test_what_is_not_done_cannot_be_repeated(tmp_path):
    with pytest.raises(YololabError, match="not done, so there is nothing to compare with"):
        repeat(RunFolder(tmp_path))

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from yololab.run.claim import Watch
from yololab.run.folder import RunFolder, RunSpec
from yololab.run.owner import Owner


@pytest.fixture
def folder(tmp_path):
    made = RunFolder(tmp_path / "r0123456789")
    made.freeze(RunSpec({"seed": 0}, {"head": "detect"}, ["seed=0"]))
    return made


def test_a_process_number_used_again_is_not_mistaken_for_the_owner(folder):
    another_start = replace(Owner.this_process(), started="1")
    (folder.path / "claims").mkdir()
    (folder.path / "claims" / "1").write_text(json.dumps(another_start.to_dict()))
    assert Watch().holder(folder.path) is None

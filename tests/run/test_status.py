from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from yololab.run.claim import Watch, take
from yololab.run.folder import RunFolder, RunSpec
from yololab.run.owner import Owner
from yololab.run.status import State, Status


@pytest.fixture
def folder(tmp_path):
    made = RunFolder(tmp_path / "r0123456789")
    made.freeze(RunSpec({"seed": 0}, {"head": "detect"}, ["seed=0"]))
    return made


def gone_owner():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return replace(Owner.this_process(), pid=process.pid, started="1")


@pytest.mark.parametrize("damage", ["", "{", '{"state": "odd"}', "[]", '{"state": "running", "owner": 3}'])
def test_a_damaged_status_file_is_no_state_and_no_hindrance(folder, damage):
    take(folder.path, 0)
    Status(State.RUNNING, attempt=1, owner=gone_owner()).write(folder.path)
    (folder.path / "claims" / "1").write_text(json.dumps(gone_owner().to_dict()))
    (folder.path / "status.json").write_text(damage)
    assert Watch().holder(folder.path) is None
    assert folder.state(running=False) == "interrupted"

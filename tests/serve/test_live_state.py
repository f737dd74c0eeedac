from __future__ import annotations

import json
import os

from yololab.run.folder import RunFolder
from yololab.run.spec import RunSpec
from yololab.run.status import State, Status
from yololab.serve.live_state import LiveState


def test_a_curve_grows_with_its_file_and_a_failure_says_why(tmp_path):
    folder = RunFolder(tmp_path / "r0123456789")
    folder.freeze(RunSpec({"runtime": {}}, {}, ["seed=0"]))
    Status(State.FAILED, attempt=1, epoch=1, epochs=2, error={"message": "no room\nmore"}).write(folder.path)
    (folder.path / "claims").mkdir()
    live = LiveState(tmp_path)
    assert live.now()["runs"][0]["curve"] == []
    folder.metrics_file.write_text("epoch,val/mAP\n0,0.25\n1,\n")
    [run] = live.now()["runs"]
    assert (run["curve"], run["why"], run["state"]) == ([[1, 25]], "no room", "failed")
    folder.metrics_file.write_text("epoch,val/mAP\n0,0.25\n1,0.5\n")
    os.utime(folder.metrics_file, (1, 1))
    assert live.now()["runs"][0]["curve"] == [[1, 25], [2, 50]]
    json.dumps(live.now(), allow_nan=False)

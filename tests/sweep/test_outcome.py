from __future__ import annotations

from pathlib import Path

from study.case import record
from yololab.run.claim import take
from yololab.run.folder import RunFolder, RunSpec
from yololab.run.status import State, Status
from yololab.sweep.outcome import SweepFailed, outcomes


def folders(root):
    made = [RunFolder(root / name) for name in ("r0", "r1", "r2")]
    for folder in made:
        folder.freeze(RunSpec({}, {}, []))
    record().write(made[0].path)
    take(made[1].path, 0).release()
    Status(State.FAILED, attempt=1, error={"class": "RuntimeError", "message": "broken"}).write(made[1].path)
    return made


def test_what_became_of_runs_is_read_from_their_folders(tmp_path):
    ends = outcomes([(f"seed={i}", folder) for i, folder in enumerate(folders(tmp_path))])
    assert [end.state for end in ends] == [State.DONE, State.FAILED, State.PLANNED]


def test_a_failure_lists_what_is_not_done_why_and_what_to_type(tmp_path):
    ends = outcomes([(f"seed={i}", folder) for i, folder in enumerate(folders(tmp_path))])
    text = str(SweepFailed(ends, [Path("runs/demo")]))
    assert text.startswith("2 of 3 runs are not done:")
    assert "seed=1: RuntimeError: broken" in text
    assert "seed=0" not in text
    assert "yololab retry runs/demo" in text

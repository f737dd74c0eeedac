from __future__ import annotations

from yololab.run.claim import Watch
from yololab.run.folder import RunFolder
from yololab.run.spec import RunSpec
from yololab.run.status import State, Status
from yololab.sweep.states import progress_of, states_of


def test_states_are_those_of_the_folders_and_progress_is_theirs(tmp_path):
    folder = RunFolder(tmp_path / "r0123456789")
    folder.freeze(RunSpec({"runtime": {}}, {}, ["seed=0"]))
    Status(State.PLANNED, epoch=1, epochs=4).write(folder.path)
    [state] = states_of(tmp_path, Watch())
    assert (state["run"], state["state"], state["overrides"]) == ("r0123456789", State.PLANNED, ["seed=0"])
    assert progress_of(state).share == 0.25

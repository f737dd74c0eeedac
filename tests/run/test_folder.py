from __future__ import annotations

import pytest
import yaml

from yololab.config.compose import compose
from yololab.errors import YololabError
from yololab.run.claim import take
from yololab.run.folder import RunFolder, RunSpec, run_folders
from yololab.run.status import State, Status

SPEC = RunSpec({"seed": 0, "runtime": {"root": "runs"}, "study": {"name": "s"}}, {"head": "detect"}, ["seed=0"])


@pytest.fixture
def folder(tmp_path):
    made = RunFolder(tmp_path / "s" / "r0")
    made.freeze(SPEC)
    return made


def test_a_folder_is_named_after_study_and_run():
    assert str(RunFolder.of(SPEC.config, "r0").path) == "runs/s/r0"


def test_what_is_frozen_comes_back(folder):
    assert folder.spec() == SPEC
    assert folder.overrides() == ["seed=0"]
    assert folder.choices() == {"head": "detect"}
    assert [found.name for found in run_folders(folder.path.parent)] == ["r0"]


def test_freezing_the_same_again_writes_nothing(folder):
    before = (folder.path / "config.yaml").stat().st_mtime_ns
    folder.freeze(SPEC)
    assert (folder.path / "config.yaml").stat().st_mtime_ns == before


def test_a_damaged_folder_says_what_is_wrong(folder, tmp_path):
    (folder.path / "spec.json").write_text("{")
    with pytest.raises(YololabError, match="its configuration cannot be read .*; plan it again"):
        folder.spec()
    assert (folder.overrides(), folder.choices()) == ([], {})
    with pytest.raises(YololabError, match=r"not a run folder \(config.yaml is missing\)"):
        RunFolder(tmp_path / "elsewhere").spec()


def test_other_choices_are_noted_once(folder):
    for _ in range(2):
        folder.add_other_choices({"insert_pos": "neck"})
    assert folder.other_choices() == [{"insert_pos": "neck"}]


def test_clearing_forgets_everything_but_the_claims(folder):
    take(folder.path, 0)
    folder.clear()
    assert [entry.name for entry in folder.path.iterdir()] == ["claims"]


def test_states_follow_claims_and_status(folder, tmp_path):
    assert RunFolder(tmp_path / "none").state(running=False) is State.NEW
    assert folder.state(running=False) is State.PLANNED
    take(folder.path, 0)
    assert folder.state(running=True) is State.RUNNING
    assert folder.state(running=False) is State.INTERRUPTED  # claimed, and no word of how it ended
    Status(State.FAILED, attempt=1).write(folder.path)
    assert folder.state(running=False) is State.FAILED
    take(folder.path, 1)
    assert folder.state(running=False) is State.INTERRUPTED  # the status is of an earlier attempt


def test_what_was_frozen_before_a_key_came_still_runs_as_the_same_run(tmp_path):
    from yololab.run.start import run, run_planned

    config = compose(["experiment=smoke", "tracker=none", "recipe.epochs=1", "runtime.progress=false"])
    now = run(RunSpec({**config, "runtime": {**config["runtime"], "root": str(tmp_path / "now")}}, {}, []))
    folder = RunFolder(tmp_path / "old" / "smoke" / now.run_id)
    folder.freeze(RunSpec(config, {}, []))
    frozen = yaml.safe_load((folder.path / "config.yaml").read_text())
    del frozen["replica"], frozen["data"]["final"], frozen["data"]["test"], frozen["recipe"]["augment"]["max_aspect"]
    del frozen["recipe"]["evaluation"]["rectangular"], frozen["recipe"]["evaluation"]["shrink"]
    for key in ("hypothesis", "primary", "seeds", "most_seeds", "controls"):
        del frozen["study"][key]
    (folder.path / "config.yaml").write_text(yaml.safe_dump(frozen))
    assert run_planned(folder).metrics == now.metrics

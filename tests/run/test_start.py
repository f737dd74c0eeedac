from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest

from yololab.config.compose import compose
from yololab.errors import ConfigError, YololabError
from yololab.run import claim, start
from yololab.run.claim import Watch, latest_claim, take
from yololab.run.folder import RunFolder, RunSpec
from yololab.run.owner import Owner
from yololab.run.prepare import prepare
from yololab.run.start import HeldError, run, run_planned
from yololab.run.status import State, Status
from yololab.training.stop import Interrupted

SMOKE = ["experiment=smoke", "tracker=none", "runtime.progress=false"]


@pytest.fixture
def planned(tmp_path):
    spec = RunSpec(compose([*SMOKE, f"runtime.root={tmp_path}"]), {}, [])
    folder = prepare(spec).folder
    folder.freeze(spec)
    return folder


def status(folder):
    return json.loads((folder.path / "status.json").read_text())


def test_who_claims_first_runs_and_the_other_leaves_it(planned, monkeypatch):
    monkeypatch.setattr(start, "execute", lambda *_: pytest.fail("it is held"))
    take(planned.path, 0)
    with pytest.raises(HeldError, match="runs it now"):
        run_planned(planned)
    assert latest_claim(planned.path) == 1


@pytest.mark.parametrize(
    ("error", "state", "kind"),
    [(RuntimeError("broken"), "failed", "RuntimeError"), (Interrupted("SIGTERM"), "interrupted", None)],
)
def test_however_a_run_ends_its_folder_says_so_and_is_free_again(planned, monkeypatch, error, state, kind):
    def execute(*_):
        raise error

    monkeypatch.setattr(start, "execute", execute)
    with pytest.raises(type(error)):
        run_planned(planned)
    assert status(planned)["state"] == state
    assert status(planned)["error"].get("class") == kind
    assert Watch().holder(planned.path) is None


def test_what_cannot_be_prepared_is_noted_without_a_claim(planned):
    config = planned.path / "config.yaml"
    config.write_text(config.read_text().replace("lr: 0.004", "lr: -1"))
    with pytest.raises(ConfigError, match="recipe.lr=-1: expected at least 0"):
        run_planned(planned)
    assert status(planned)["state"] == "failed"
    assert latest_claim(planned.path) == 0


def test_running_anew_forgets_what_was_run(tmp_path, monkeypatch):
    overrides = [*SMOKE, f"runtime.root={tmp_path}", "runtime.rerun=true"]
    spec = RunSpec(compose(overrides), {}, [])
    folder = prepare(spec).folder
    folder.freeze(spec)
    (folder.path / "metrics.csv").write_text("old")
    monkeypatch.setattr(start, "execute", lambda prepared, *_: (prepared.folder.path / "metrics.csv").exists())
    assert run(spec) is False


def test_a_foreign_owner_that_is_gone_is_waited_for_once(planned, monkeypatch):
    foreign = replace(Owner.this_process(), host="elsewhere", pid=1)
    (planned.path / "claims").mkdir()
    (planned.path / "claims" / "1").write_text(json.dumps(foreign.to_dict()))
    Status(State.RUNNING, attempt=1, owner=foreign, beats=7).write(planned.path)
    clock, naps = [0.0], []

    def sleep(seconds):
        naps.append(seconds)
        clock[0] += seconds

    monkeypatch.setattr(claim, "time", SimpleNamespace(monotonic=lambda: clock[0], sleep=sleep))
    monkeypatch.setattr(start, "execute", lambda *_: "ran")
    assert run_planned(planned) == "ran"
    assert claim.STALE_SECONDS <= sum(naps) <= claim.STALE_SECONDS + 2 * claim.BEAT_SECONDS
    assert latest_claim(planned.path) == 2


def test_a_folder_that_holds_nothing_is_refused(tmp_path):
    with pytest.raises(YololabError, match="not a run folder"):
        run_planned(RunFolder(tmp_path / "r0"))

from __future__ import annotations

from command import yololab
from yololab.trackers.offline import offline_runs
from yololab.trackers.wandb import WandbTracker

SWEEP = ("train", "-m", "experiment=smoke", "recipe.epochs=1", "attention=none,eca", "tracker=wandb")


def test_a_sweep_gives_its_table_and_records_to_wandb_once(tmp_path):
    done = yololab(*SWEEP, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    study = tmp_path / "runs" / "smoke"
    assert len(offline_runs([study])) == 1
    staged = list((study / "wandb" / "staged").rglob("*"))
    assert sum(path.is_file() for path in staged) >= 6, "three tables, a figure, two records"
    assert yololab(*SWEEP, cwd=tmp_path).returncode == 0
    assert len(offline_runs([study])) == 1


def test_a_tracker_that_cannot_take_a_study_loses_nothing(tmp_path, monkeypatch):
    def broken(study, **_):
        raise OSError("no server")

    monkeypatch.setattr(WandbTracker, "finish_study", broken)
    done = yololab(*SWEEP, cwd=tmp_path)
    assert done.returncode == 0
    assert "the tracker could not take the study's table (OSError: no server)" in done.stdout + done.stderr
    assert (tmp_path / "runs" / "smoke" / "table.md").is_file()


def test_a_page_that_cannot_be_made_loses_nothing(tmp_path, monkeypatch):
    def broken(contents):
        raise OSError("no room")

    monkeypatch.setattr("yololab.sweep.tracked.to_page", broken)
    done = yololab(*SWEEP, cwd=tmp_path)
    assert done.returncode == 0
    assert "the tracker could not take the study's table (OSError: no room)" in done.stdout + done.stderr
    assert (tmp_path / "runs" / "smoke" / "table.md").is_file()

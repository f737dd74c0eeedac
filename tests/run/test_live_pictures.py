"""Pictures while a run trains: drawn from its validation, replaced by the last ones, and never in its way."""

from __future__ import annotations

from types import SimpleNamespace

from yololab.config.compose import compose
from yololab.run import live_pictures
from yololab.run.folder import RunSpec
from yololab.run.live_pictures import LivePictures
from yololab.run.start import run

TRAINER, OTHER_RANK = SimpleNamespace(is_global_zero=True), SimpleNamespace(is_global_zero=False)
MODULE = SimpleNamespace(evaluations={"val": "found"})


def watched(monkeypatch, count=5):
    drawn = []
    monkeypatch.setattr(live_pictures, "draw_predictions", lambda *given: drawn.append(given))
    return LivePictures("data", count, "folder"), drawn


def test_they_are_drawn_once_a_minute(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(live_pictures.time, "monotonic", lambda: now[0])
    pictures, drawn = watched(monkeypatch)
    for seconds in (10, 59, 60, 61, 119, 120, 500):
        now[0] = float(seconds)
        pictures.on_validation_end(TRAINER, MODULE)
    assert drawn == [("data", "found", 3, "folder")] * 3


def test_not_by_other_ranks_nor_where_none_are_wanted(monkeypatch):
    monkeypatch.setattr(live_pictures, "SECONDS_BETWEEN", 0.0)
    pictures, drawn = watched(monkeypatch)
    pictures.on_validation_end(OTHER_RANK, MODULE)
    watched(monkeypatch, count=0)[0].on_validation_end(TRAINER, MODULE)
    pictures.on_validation_end(TRAINER, SimpleNamespace(evaluations={}))
    assert drawn == []


def test_a_full_disk_ends_no_training(monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(live_pictures, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(live_pictures, "draw_predictions", full)
    LivePictures("data", 1, "folder").on_validation_end(TRAINER, MODULE)


def test_a_run_has_them_before_it_ends_and_its_numbers_are_the_same(monkeypatch, tmp_path):
    seen = []
    draw = live_pictures.draw_predictions

    def watching(data, evaluation, count, folder):
        found = draw(data, evaluation, count, folder)
        seen.append(sorted(path.name for path in folder.glob("*.jpg")))
        return found

    spec = ["experiment=smoke", "runtime.progress=false", "tracker=none"]
    plain = run(RunSpec(compose([*spec, f"runtime.root={tmp_path}/a", "runtime.pictures=0"]), {}, []))
    monkeypatch.setattr(live_pictures, "SECONDS_BETWEEN", 0.0)
    monkeypatch.setattr(live_pictures, "draw_predictions", watching)
    shown = run(RunSpec(compose([*spec, f"runtime.root={tmp_path}/b", "runtime.pictures=2"]), {}, []))
    assert seen
    assert all(len(names) == 2 for names in seen)
    assert shown.metrics == plain.metrics
    assert [row["train/loss"] for row in shown.curve] == [row["train/loss"] for row in plain.curve]

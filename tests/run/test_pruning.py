"""Optuna's pruners, fed from run folders."""

from __future__ import annotations

import pytest

from study.case import record
from yololab.config.compose import compose
from yololab.errors import ConfigError
from yololab.run.folder import RunFolder, RunSpec
from yololab.run.pruning import curve, make_pruner
from yololab.run.record import read_record
from yololab.run.start import run
from yololab.study.formats import to_markdown
from yololab.study.table import build_table
from yololab.training.callbacks import PruneWhenHopeless

optuna = pytest.importorskip("optuna")


def folder_with(study, name, scores, done=True):
    folder = RunFolder(study / name)
    folder.freeze(RunSpec({"seed": 0}, {}, []))
    rows = [f"{epoch}.0,{score}" for epoch, score in enumerate(scores)]
    folder.metrics_file.write_text("epoch,val/mAP\n" + "\n".join(rows) + "\n")
    if done:
        record().write(folder.path)
    return folder


def test_a_curve_leaves_out_epochs_without_evaluation(tmp_path):
    folder = folder_with(tmp_path, "r0", [0.1, "", 0.3, -1.0])
    assert curve(folder.metrics_file) == [(1, 0.1), (3, 0.3)]
    assert curve(folder.metrics_file, before=3) == [(1, 0.1)]
    assert curve(tmp_path / "nothing.csv") == []


def test_the_median_pruner_stops_what_is_below_the_median_after_its_warm_up(tmp_path):
    for index, final in enumerate((0.3, 0.4, 0.5, 0.6)):
        folder_with(tmp_path, f"r{index}", [final * step / 6 for step in range(1, 7)])
    mine = folder_with(tmp_path, "r9", [0.01, 0.01, 0.01], done=False)
    pruner = make_pruner("median", mine)
    assert not pruner.is_hopeless(2, 0.01), "too early to say"
    assert pruner.is_hopeless(5, 0.02)
    assert not pruner.is_hopeless(5, 0.9)


def test_successive_halving_keeps_the_best_third_at_each_rung(tmp_path):
    for index in range(8):
        folder_with(tmp_path, f"r{index}", [(index + 1) / 10] * 9)
    mine = folder_with(tmp_path, "r9", [], done=False)
    pruner = make_pruner("asha", mine)
    assert pruner.is_hopeless(3, 0.05)
    assert not pruner.is_hopeless(3, 0.99)


def test_the_first_run_of_a_study_is_never_stopped_by_the_median(tmp_path):
    mine = folder_with(tmp_path, "r9", [], done=False)
    assert not any(make_pruner("median", mine).is_hopeless(epoch, 0.0) for epoch in range(1, 20))


def test_no_pruner_is_made_unless_asked_and_an_unknown_one_is_refused(tmp_path):
    assert make_pruner(None, RunFolder(tmp_path)) is None
    with pytest.raises(ConfigError, match=r"study.prune=asah: expected one of asha, median; did you mean 'asha'\?"):
        compose(["study.prune=asah"])


class Impatient:
    name = "asha"

    def is_hopeless(self, epoch, score):
        return epoch == 2


def test_a_pruned_run_is_recorded_so_and_marked_in_every_table(tmp_path, monkeypatch):
    monkeypatch.setattr("yololab.run.fit.make_pruner", lambda *_: Impatient())
    smoke = ["experiment=smoke", "tracker=none", "runtime.progress=false", "recipe.epochs=4"]
    made = run(RunSpec(compose([*smoke, f"runtime.root={tmp_path}"]), {}, []))
    assert made.pruned == {"epochs": 2, "by": "asha"}
    assert len(made.curve) == 2
    assert read_record(tmp_path / "smoke" / made.run_id) == made
    sheet = build_table([made]).sheet()
    assert "0 (1 pruned)" in to_markdown(sheet)
    assert "pruned after 2 epochs, so it enters no number" in to_markdown(sheet)
    assert sheet.lines[0].values["left_out"] == "0: pruned after 2 epochs"


def test_nothing_is_pruned_without_a_pruner():
    assert PruneWhenHopeless(None).pruned is False

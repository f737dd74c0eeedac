from __future__ import annotations

import csv
import io
import math
from types import SimpleNamespace

import pytest
import torch
from rich.console import Console

from yololab.training.callbacks import EpochLines, EpochRows, Progress, PruneWhenHopeless, epoch_lines


class Module(SimpleNamespace):
    evaluated_epoch = -1

    def train_means(self):
        return {"train/loss": 2.0, "train/box": 1.5}


def trainer(epoch=0, score=0.25, most=3):
    metrics = {"val/mAP": torch.tensor(score), "val/mAP50": torch.tensor(2 * score), "other": torch.tensor(1.0)}
    optimizer = SimpleNamespace(param_groups=[{"lr": 0.1}])
    return SimpleNamespace(
        current_epoch=epoch,
        max_epochs=most,
        callback_metrics=metrics,
        optimizers=[optimizer],
        is_global_zero=True,
        world_size=1,
        should_stop=False,
    )


def epoch(rows, number, validated=True):
    train = trainer(number)
    rows.on_train_epoch_start(train, Module())
    if validated:
        rows.on_validation_end(train, Module())
    rows.on_train_epoch_end(train, Module())


def test_every_epoch_is_a_row_with_validation_where_it_had_one(tmp_path):
    rows = EpochRows(tmp_path / "metrics.csv")
    epoch(rows, 0)
    epoch(rows, 1, validated=False)
    written = list(csv.DictReader((tmp_path / "metrics.csv").open()))
    assert [(row["epoch"], row["train/box"], row["val/mAP"]) for row in written] == [
        ("0.0", "1.5", "0.25"),
        ("1.0", "1.5", ""),
    ]
    assert "other" not in written[0]


def test_after_a_resume_rows_of_epochs_that_are_run_again_are_replaced(tmp_path):
    first = EpochRows(tmp_path / "metrics.csv")
    for number in range(3):
        epoch(first, number)
    again = EpochRows(tmp_path / "metrics.csv")
    again.on_train_start(trainer(1), Module())
    assert [row["epoch"] for row in again.rows] == [0.0]


@pytest.mark.parametrize("damage", ["", "epoch,val/mAP\n1,x\n", "nothing\n1\n"])
def test_a_damaged_file_holds_no_rows(tmp_path, damage):
    (tmp_path / "metrics.csv").write_text(damage)
    assert EpochRows(tmp_path / "metrics.csv").rows == []


def test_progress_tells_finished_epochs_and_the_last_score(tmp_path):
    told = []
    rows = EpochRows(tmp_path / "metrics.csv")
    progress = Progress(rows, lambda *report: told.append(report))
    progress.on_train_start(trainer(0), Module())
    epoch(rows, 0)
    progress.on_train_epoch_end(trainer(0), Module())
    assert told == [(0, 3, None), (1, 3, 0.25)]


@pytest.mark.parametrize(("number", "evaluated", "stops"), [(0, 0, True), (0, -1, False), (2, 2, False)])
def test_a_hopeless_run_ends_after_an_evaluated_epoch_that_is_not_its_last(number, evaluated, stops):
    pruner = SimpleNamespace(name="asha", is_hopeless=lambda epoch, score: (epoch, score) == (number + 1, 0.25))
    callback, train = PruneWhenHopeless(pruner), trainer(number)
    callback.on_train_epoch_end(train, Module(evaluated_epoch=evaluated))
    assert (train.should_stop, callback.pruned, callback.by) == (stops, stops, "asha")


def test_an_epoch_is_one_line_with_its_terms_by_name(tmp_path, capsys):
    rows = EpochRows(tmp_path / "metrics.csv")
    epoch(rows, 0)
    EpochLines(rows, "r0").on_train_epoch_end(trainer(0), Module())
    line = capsys.readouterr().out
    assert line.startswith("r0 epoch 1/3")
    assert "box 1.500" in line
    assert "mAP 25.0 mAP50 50.0" in line


def undefined(number=0):
    train = trainer(number, score=math.nan)
    train.callback_metrics["val/mAP50"] = torch.tensor(0.5)
    return train


def test_an_undefined_metric_is_empty_in_the_file_and_undefined_after_a_resume(tmp_path):
    rows = EpochRows(tmp_path / "metrics.csv")
    train = undefined()
    rows.on_train_epoch_start(train, Module())
    rows.on_validation_end(train, Module())
    rows.on_train_epoch_end(train, Module())
    epoch(rows, 1, validated=False)
    written = list(csv.DictReader((tmp_path / "metrics.csv").open()))
    assert [(row["val/mAP"], row["val/mAP50"]) for row in written] == [("", "0.5"), ("", "")]
    assert EpochRows(tmp_path / "metrics.csv").rows == rows.rows


def test_an_undefined_score_is_no_progress_and_prunes_nothing(tmp_path):
    rows, told = EpochRows(tmp_path / "metrics.csv"), []
    train = undefined()
    rows.on_validation_end(train, Module())
    rows.on_train_epoch_end(train, Module())
    Progress(rows, lambda *report: told.append(report)).on_train_epoch_end(train, Module())
    assert told == [(1, 3, None)]
    pruner = SimpleNamespace(name="asha", is_hopeless=lambda *_: pytest.fail("nothing to judge by"))
    prune = PruneWhenHopeless(pruner)
    prune.on_train_epoch_end(undefined(), SimpleNamespace(evaluated_epoch=0))
    assert not prune.pruned


def test_a_run_that_was_pruned_stays_so_after_a_stop_unless_nobody_prunes_any_more():
    pruner = SimpleNamespace(name="asha", is_hopeless=lambda *_: True)
    before = PruneWhenHopeless(pruner)
    before.on_train_epoch_end(trainer(), SimpleNamespace(evaluated_epoch=0))
    assert before.pruned
    again, unpruned = PruneWhenHopeless(pruner), PruneWhenHopeless(None)
    for callback in (again, unpruned):
        callback.load_state_dict(before.state_dict())
        train = trainer()
        callback.on_train_start(train, None)
        assert train.should_stop == callback.pruned == (callback is again)


ROW = {
    "epoch": 2.0,
    "seconds": 12.34,
    "train/box": 1.2345,
    "train/classes": 2.0,
    "train/distribution": 0.5,
    "train/loss": 3.7345,
    "val/mAP": 0.4218,
    "val/mAP50": 0.6512,
}


def test_a_line_has_a_form_for_every_width_and_each_has_the_map():
    forms = epoch_lines(ROW, "r0123456789", 30)
    assert forms[0].startswith("r0123456789 epoch 3/30 12.3s | box 1.234")
    assert all("epoch 3/30" in form and "mAP 42.2 mAP50 65.1" in form for form in forms)
    assert len(forms[2]) <= 80
    assert sorted(map(len, forms), reverse=True) == list(map(len, forms))
    masks = {**ROW, "train/masks": 1.0, "train/objectness": 2.0, "train/l1": 3.0}
    assert len(epoch_lines(masks, "r0123456789", 300)[-1]) < 60


class Screen(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("width", "form"), [(200, 0), (85, 1), (80, 2), (60, 3)])
def test_a_terminal_gets_the_longest_form_that_fits(width, form, tmp_path):
    stream = Screen()
    rows = EpochRows(tmp_path / "metrics.csv")
    rows.rows = [ROW]
    lines = EpochLines(rows, "r0123456789", Console(file=stream, force_terminal=True, width=width))
    lines.on_train_epoch_end(SimpleNamespace(is_global_zero=True, max_epochs=30), None)
    assert stream.getvalue() == epoch_lines(ROW, "r0123456789", 30)[form] + "\n"

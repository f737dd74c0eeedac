from __future__ import annotations

import pickle
import zipfile
from types import SimpleNamespace

import pytest
import torch

from yololab.errors import YololabError
from yololab.training.checkpoints import LastCheckpoint, WholeCheckpoints, read_state, why_not_resumable
from yololab.training.stop import Interrupted, StopRequest

OWN = {"detector.w": torch.zeros(100)}
MOMENTS = {"state": {0: {"exp_avg": torch.zeros(100)}}, "param_groups": [{"params": [0]}]}
LOOPS = {"fit_loop": {"epoch_progress": {}}}


def resumable(**changes):
    """The content of a checkpoint that a run of OWN goes on from."""
    content = {"state_dict": OWN, "optimizer_states": [MOMENTS], "epoch": 1, "global_step": 2, "loops": LOOPS}
    return content | {"pytorch-lightning_version": "2.6.6"} | changes


def saved(path, content, **options):
    torch.save(content, path, **options)
    return path


def test_a_checkpoint_is_written_whole_with_its_digest(tmp_path):
    path = tmp_path / "deep" / "last.ckpt"
    WholeCheckpoints().save_checkpoint(resumable(), path)
    assert [found.name for found in path.parent.iterdir()] == ["last.ckpt"]
    assert why_not_resumable(path, OWN) is None
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"data/0") + 100] ^= 1
    path.write_bytes(raw)
    assert "SHA-256" in why_not_resumable(path, OWN)


class Calls:
    def __reduce__(self):
        return print, ("called",)


BAD = {
    "missing": (lambda path: path, "no such file"),
    "a folder": (lambda path: path.mkdir(), "no such file"),
    "empty": (lambda path: path.touch(), "cannot be read"),
    "text": (lambda path: path.write_text("text"), "cannot be read"),
    "binary": (lambda path: path.write_bytes(bytes(range(256)) * 9), "cannot be read"),
    "a zip of something else": (lambda path: zipfile.ZipFile(path, "w").writestr("a", "b"), "cannot be read"),
    "cut": (lambda path: path.write_bytes(saved(path, resumable()).read_bytes()[:300]), "cannot be read"),
    "code in it": (lambda path: saved(path, resumable(more=Calls())), "cannot be read as data"),
    "code, legacy": (lambda p: saved(p, Calls(), _use_new_zipfile_serialization=False), "cannot be read as data"),
    "a pickle": (lambda path: path.write_bytes(pickle.dumps({"a": 1})), "cannot be read"),
    "a tensor": (lambda path: saved(path, torch.zeros(3)), "no checkpoint of a run"),
    "a list": (lambda path: saved(path, [1]), "no checkpoint of a run"),
    "weights alone": (lambda path: saved(path, {"state_dict": OWN}), "weights="),
    "a state that is none": (lambda path: saved(path, resumable(state_dict=3)), "no checkpoint of a run"),
    "tensors that are none": (lambda path: saved(path, resumable(state_dict={"detector.w": 3})), "another model"),
    "another model": (lambda path: saved(path, resumable(state_dict={"x": OWN["detector.w"]})), "2 tensors"),
    "another shape": (lambda path: saved(path, resumable(state_dict={"detector.w": torch.zeros(9)})), "detector.w"),
    "NaN": (lambda path: saved(path, resumable(state_dict={"detector.w": OWN["detector.w"] / 0})), "diverged"),
    "whole numbers": (
        lambda path: saved(path, resumable(state_dict={"detector.w": OWN["detector.w"].long()})),
        "1 tensors",
    ),
    "no numbers": (
        lambda path: saved(path, resumable(state_dict={"detector.w": OWN["detector.w"].to("meta")})),
        "no numbers",
    ),
    "sparse": (
        lambda path: saved(path, resumable(state_dict={"detector.w": OWN["detector.w"].to_sparse()})),
        "no numbers",
    ),
    "no loops": (lambda path: saved(path, resumable(loops={})), "how far training was"),
    "other loops": (lambda path: saved(path, resumable(loops={"fit_loop": {"a": 1}})), "how far training was"),
    "an epoch that is none": (lambda path: saved(path, resumable(epoch="x")), "epoch is 'x'"),
    "steps below 0": (lambda path: saved(path, resumable(global_step=-5)), "global_step is -5"),
    "no optimizer": (lambda path: saved(path, resumable(optimizer_states=[])), "forgotten the steps"),
    "an empty optimizer": (
        lambda path: saved(path, resumable(optimizer_states=[{"state": {}, "param_groups": []}])),
        "forgotten the steps",
    ),
    "an optimizer that is none": (lambda path: saved(path, resumable(optimizer_states=["x"])), "no list of states"),
    "a waiting NaN": (
        lambda path: saved(path, resumable(waiting={"batches": 1, "gradients": {"w": torch.tensor([torch.nan])}})),
        "gradient of w holds NaN",
    ),
}


STATES = {"weights alone", "another model", "another shape", "NaN", "a waiting NaN", "code in it", "whole numbers"}
STATES |= {"no numbers", "sparse", "no loops", "other loops", "an epoch that is none", "steps below 0", "no optimizer"}
STATES |= {"an empty optimizer", "an optimizer that is none"}
"""Of which the weights can be read all the same"""


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_training_cannot_go_on_from_is_explained(tmp_path, kind, capfd):
    path = tmp_path / "x.ckpt"
    make, expected = BAD[kind]
    made = make(path)
    del made
    reason = why_not_resumable(path, OWN)
    assert expected in reason
    assert "weights_only" not in reason
    assert "called" not in capfd.readouterr().out
    if kind not in STATES:
        with pytest.raises(YololabError, match="cannot be read as a checkpoint"):
            read_state(path)


def test_what_cannot_be_written_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    path = tmp_path / "last.ckpt"
    WholeCheckpoints().save_checkpoint({"a": 1}, path)

    def full(*_):
        raise RuntimeError("PytorchStreamWriter failed\nmore")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(
        YololabError, match=r"last.ckpt: the checkpoint cannot be written \(PytorchStreamWriter failed\)"
    ):
        WholeCheckpoints().save_checkpoint({"a": 2}, path)
    monkeypatch.undo()
    assert torch.load(path, weights_only=True) == {"a": 1}


def trainer(saved, batches=4):
    return SimpleNamespace(
        world_size=1,
        num_training_batches=batches,
        save_checkpoint=saved.append,
        should_stop=False,
    )


def after_batches(callback, train):
    for batch in range(train.num_training_batches):
        callback.on_train_batch_end(train, None, None, None, batch)


@pytest.mark.parametrize(("minutes", "count"), [(0, 3), (None, 0), (60, 0)])
def test_within_an_epoch_it_saves_when_it_is_due(tmp_path, minutes, count):
    saved = []
    after_batches(LastCheckpoint(tmp_path / "last.ckpt", minutes, StopRequest()), trainer(saved, 4))
    assert len(saved) == count  # the last batch is left to the epoch's end


def test_asked_to_stop_it_saves_first(tmp_path):
    saved, stop = [], StopRequest()
    callback = LastCheckpoint(tmp_path / "last.ckpt", None, stop)
    stop.ask("SIGTERM")
    with pytest.raises(Interrupted, match="SIGTERM"):
        after_batches(callback, trainer(saved))
    assert len(saved) == 1
    train = trainer(saved)
    callback.on_train_epoch_end(train, None)
    assert (len(saved), train.should_stop) == (2, True)


def test_a_folder_that_is_somebody_elses_is_not_written_to(tmp_path):
    saved, stop = [], StopRequest()
    stop.ask("taken over", may_save=False)
    LastCheckpoint(tmp_path / "last.ckpt", None, stop).on_train_epoch_end(trainer(saved), None)
    assert saved == []

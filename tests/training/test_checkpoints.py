from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from yololab.errors import YololabError
from yololab.training.checkpoints import LastCheckpoint, WholeCheckpoints, is_readable
from yololab.training.stop import Interrupted, StopRequest


def test_a_whole_file_is_readable_and_a_cut_one_is_not(tmp_path):
    path = tmp_path / "deep" / "last.ckpt"
    WholeCheckpoints().save_checkpoint({"state_dict": {"a": torch.zeros(100)}}, path)
    assert is_readable(path)
    assert [found.name for found in path.parent.iterdir()] == ["last.ckpt"]
    path.write_bytes(path.read_bytes()[:200])
    assert not is_readable(path)
    assert not is_readable(tmp_path / "none.ckpt")


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

from __future__ import annotations

import pytest

from yololab.run import rank_errors
from yololab.run.machine_error import MachineError
from yololab.run.rank_errors import forget_rank_errors, is_lost_peer, note_rank_error, rank_error
from yololab.training.stop import Interrupted


@pytest.fixture(autouse=True)
def second(monkeypatch):
    monkeypatch.setattr(rank_errors, "rank", lambda: 1)


def test_a_further_rank_leaves_word_until_the_next_attempt(tmp_path):
    assert rank_error(tmp_path) == {}
    note_rank_error(tmp_path, MachineError("the GPU ran out of memory"))
    assert rank_error(tmp_path) == {"class": "MachineError", "message": "rank 1: the GPU ran out of memory"}
    forget_rank_errors(tmp_path)
    assert rank_error(tmp_path) == {}


GLOO = "[../third_party/gloo/gloo/transport/tcp/pair.cc:561] Connection closed by peer [127.0.0.1]:1234"


def test_being_stopped_or_alone_is_no_error_of_its_own(tmp_path):
    note_rank_error(tmp_path, Interrupted("SIGTERM"))
    note_rank_error(tmp_path, RuntimeError(GLOO))
    assert rank_error(tmp_path) == {}
    assert is_lost_peer(RuntimeError(GLOO))
    assert is_lost_peer(RuntimeError("NCCL communicator was aborted on rank 1"))
    assert not is_lost_peer(ValueError("a shape"))
    assert not is_lost_peer(MachineError("Connection closed by a user"))


@pytest.mark.parametrize("content", ["", "[]", "{", '{"class": "x"}'])
def test_a_damaged_word_says_nothing(tmp_path, content):
    (tmp_path / "error_rank1.json").write_text(content)
    assert rank_error(tmp_path) == {}

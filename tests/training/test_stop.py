from __future__ import annotations

import os
import signal

import pytest

from yololab.training import stop as stop_module
from yololab.training.stop import Interrupted, StopRequest


def test_before_training_the_first_signal_ends_the_run():
    before = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    try:
        with pytest.raises(Interrupted, match="SIGUSR1"), StopRequest():
            os.kill(os.getpid(), signal.SIGUSR1)
        assert signal.getsignal(signal.SIGUSR1) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_while_training_the_first_signal_asks_and_a_second_one_ends(monkeypatch):
    monkeypatch.setattr(stop_module, "SAME_REQUEST_SECONDS", 0.0)
    with StopRequest() as stop:
        stop.defer()
        os.kill(os.getpid(), signal.SIGUSR1)
        assert stop.requested
        with pytest.raises(Interrupted):
            os.kill(os.getpid(), signal.SIGUSR1)


def test_the_same_request_that_comes_twice_is_one(monkeypatch):
    monkeypatch.setattr(stop_module, "SAME_REQUEST_SECONDS", 1000.0)
    with StopRequest() as stop:
        stop.defer()
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGUSR1)
        assert stop.reason == "SIGUSR1"


def test_after_an_interruption_the_signal_goes_on_to_whom_it_would_have_met():
    heard = []
    before = signal.signal(signal.SIGUSR2, lambda number, _: heard.append(number))
    try:
        with pytest.raises(Interrupted), StopRequest():
            os.kill(os.getpid(), signal.SIGUSR2)
    finally:
        signal.signal(signal.SIGUSR2, before)
    assert heard == [signal.SIGUSR2]


def test_who_has_lost_its_folder_saves_nothing_more():
    stop = StopRequest()
    stop.ask("taken over", may_save=False)
    stop.ask("later")
    assert (stop.reason, stop.may_save) == ("taken over", False)
    with pytest.raises(Interrupted, match="taken over"):
        stop.obey()

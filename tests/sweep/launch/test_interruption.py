from __future__ import annotations

import os
import signal

import pytest

from yololab.sweep.launch.interruption import Interruption
from yololab.sweep.outcome import SweepInterrupted


def test_the_first_signal_asks_and_the_second_ends():
    before = signal.getsignal(signal.SIGTERM)
    with Interruption() as interruption:
        assert not interruption.is_asked_for
        os.kill(os.getpid(), signal.SIGTERM)
        assert interruption.is_asked_for
        with pytest.raises(SweepInterrupted, match="SIGTERM, twice"):
            os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
    with pytest.raises(SweepInterrupted, match="SIGTERM"):
        interruption.obey()


def test_without_a_signal_there_is_nothing_to_obey():
    with Interruption() as interruption:
        pass
    interruption.obey()

from __future__ import annotations

import pytest
from rich.console import Console

from yololab.run.status import State, Status
from yololab.sweep.launch.overview import Pace, RunProgress, draw


def test_the_overview_shows_what_moves_first_and_says_what_it_hides():
    runs = [RunProgress(f"r{i}", f"seed={i}", State.WAITING, None) for i in range(40)]
    runs.append(RunProgress("r99", "seed=99", State.RUNNING, Status(State.RUNNING, epoch=3, epochs=6, mAP=0.25)))
    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(draw(runs, remaining=600.0))
    text = console.export_text()
    assert text.splitlines()[0].split()[:3] == ["r99", "seed=99", "running"]
    assert "3/6" in text
    assert "mAP 25.0" in text
    assert "1 running, 40 waiting; 17 more not shown; about 10 min left" in text


def moving(*epochs, of=10):
    return [
        RunProgress(f"r{i}", "", State.RUNNING, Status(State.RUNNING, epoch=e, epochs=of)) for i, e in enumerate(epochs)
    ]


def test_no_time_is_told_before_two_epochs_are_known():
    pace = Pace()
    assert pace.remaining(moving(5, 0), 100.0) is None  # five were run before this sweep began
    assert pace.remaining(moving(6, 0), 160.0) is None
    assert pace.remaining(moving(6, 1), 220.0) == pytest.approx(780)  # two epochs in 120 s, 13 are left
    assert pace.remaining(moving(10, 10), 900.0) == 0

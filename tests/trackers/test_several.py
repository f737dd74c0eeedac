from __future__ import annotations

from typing import ClassVar

import pytest
from lightning.pytorch.loggers import CSVLogger

from yololab.config.trust import trusting
from yololab.errors import ConfigError
from yololab.trackers import several
from yololab.trackers.base import TrackedRun, Tracker
from yololab.trackers.several import SeveralTrackers, loggers_of


class Listening(Tracker):
    heard: ClassVar[list] = []

    def __init__(self, run, *, name, fails=False):
        self.name, self.fails = name, fails
        self.external_id = f"{name}-id" if name != "quiet" else None
        self.logger = CSVLogger(str(run.folder), name=name)

    def finish(self, summary, pictures):
        self.heard.append((self.name, dict(summary)))
        if self.fails:
            raise OSError("full disk")

    def abandon(self):
        self.heard.append((self.name, "abandoned"))


@pytest.fixture
def made(tmp_path, monkeypatch):
    monkeypatch.setattr(several, "instantiate", lambda node, kind, key, run: Listening(run, **node))
    Listening.heard.clear()
    run = TrackedRun("r0", "demo", tmp_path, {})
    return lambda **trackers: SeveralTrackers(run, trackers=trackers)


def test_each_is_told_and_the_first_id_counts(made):
    found = made(a={"name": "quiet"}, b={"name": "second"})
    assert found.external_id == "second-id"
    assert len(loggers_of(found)) == 2
    found.finish({"mAP": 1.0}, [])
    found.abandon()
    assert Listening.heard == [
        ("quiet", {"mAP": 1.0}),
        ("second", {"mAP": 1.0}),
        ("quiet", "abandoned"),
        ("second", "abandoned"),
    ]


def test_one_that_fails_keeps_no_other_from_closing(made):
    found = made(a={"name": "first", "fails": True}, b={"name": "second"})
    with pytest.raises(OSError, match="full disk"):
        found.finish({}, [])
    assert [name for name, _ in Listening.heard] == ["first", "second"]


def test_none_and_a_class_that_is_no_tracker_are_refused(tmp_path):
    run = TrackedRun("r0", "demo", tmp_path, {})
    with pytest.raises(ConfigError, match="expected at least one"):
        SeveralTrackers(run, trackers={})
    with trusting([]), pytest.raises(ConfigError, match=r"tracker.trackers.a"):
        SeveralTrackers(run, trackers={"a": {"_target_": "yololab.attention.ECA"}})

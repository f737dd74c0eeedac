"""The contract of every tracker of conf/tracker: a Tracker that takes a run and what its YAML gives."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from parts import choices, named, tracker_class
from yololab.trackers.base import TrackedRun, Tracker


@pytest.mark.parametrize("choice", named("tracker"))
def test_it_takes_a_run_and_the_arguments_of_its_yaml(choice):
    found, arguments = tracker_class(choice)
    inspect.signature(found).bind(TrackedRun("r0", "study", Path("r0"), {}), **arguments)


@pytest.mark.parametrize("choice", named("tracker"))
def test_it_closes_a_run_that_is_done_and_one_that_failed(choice):
    found, _ = tracker_class(choice)
    assert found.finish is not Tracker.finish
    assert found.abandon is not Tracker.abandon


def test_none_is_the_only_choice_that_names_nothing():
    assert set(choices("tracker")) - set(named("tracker")) == {"none"}

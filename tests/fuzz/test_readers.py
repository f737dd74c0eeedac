"""What once broke a reader does so no more, and a few minutes of fuzzing break none."""

from __future__ import annotations

import faulthandler

import pytest

from fuzz.readers import CORPUS, fuzz, replay


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.json")), ids=lambda path: path.stem)
def test_what_once_broke_a_reader_ends_in_our_error_or_in_sound_data(path, tmp_path):
    assert replay(path, tmp_path) in ("read", "DataError", "ConfigError")


def test_a_few_seconds_of_fuzzing_break_no_reader(tmp_path, monkeypatch):
    monkeypatch.setenv("YOLOLAB_CACHE", str(tmp_path))
    outcomes = fuzz(4, seed=1, found=lambda path: pytest.fail(f"kept as {path}"))
    assert sum(outcomes.values()) > 20


@pytest.mark.slow
def test_minutes_of_fuzzing_break_no_reader(tmp_path, monkeypatch):
    faulthandler.enable()
    monkeypatch.setenv("YOLOLAB_CACHE", str(tmp_path))
    outcomes = fuzz(180, seed=2, found=lambda path: pytest.fail(f"kept as {path}"))
    assert sum(outcomes.values()) > 1000

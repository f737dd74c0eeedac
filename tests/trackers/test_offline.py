"""Offline W&B folders: which are uploaded, in what order, and once each."""

from __future__ import annotations

import subprocess

import pytest

from yololab.errors import YololabError
from yololab.trackers import offline
from yololab.trackers.offline import offline_runs, upload


def offline_folder(run, time):
    folder = run / "wandb" / f"offline-run-{time}-{run.name}"
    folder.mkdir(parents=True)
    (folder / f"run-{run.name}.wandb").write_bytes(b":W&B")
    return folder


def test_folders_of_a_resumed_run_are_appended_in_the_order_of_their_writing(tmp_path):
    first = offline_folder(tmp_path / "r0", "20260101_000000")
    second = offline_folder(tmp_path / "r0", "20260102_000000")
    other = offline_folder(tmp_path / "r1", "20260101_000000")
    found = offline_runs([tmp_path / "r0", tmp_path / "r1", tmp_path / "r2"])
    assert [(run.folder, run.continues) for run in found] == [(first, False), (second, True), (other, False)]


def test_what_is_uploaded_is_not_uploaded_again(tmp_path, monkeypatch):
    folder = offline_folder(tmp_path / "r0", "20260101_000000")
    commands = []

    def wandb(command, **_):
        commands.append(command)
        (folder / "run-r0.wandb.synced").touch()
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(offline.subprocess, "run", wandb)
    for run in offline_runs([tmp_path / "r0"]):
        upload(run)
    assert len(commands) == 1
    assert "--append" not in commands[0]
    assert offline_runs([tmp_path / "r0"]) == []


def test_without_a_login_wandbs_own_words_are_passed_on(tmp_path, monkeypatch):
    for name in ("WANDB_API_KEY", "HOME"):
        monkeypatch.setenv(name, "")
    folder = offline_folder(tmp_path / "r0", "20260101_000000")
    (run,) = offline_runs([tmp_path / "r0"])
    with pytest.raises(YololabError, match="wandb could not upload it"):
        upload(run)
    assert folder.is_dir()

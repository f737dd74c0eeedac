"""Offline W&B folders: which are uploaded, in what order, and once each."""

from __future__ import annotations

import gzip
import http.server
import json
import re
import subprocess
import threading
from typing import Any, ClassVar

import pytest

from yololab.errors import YololabError
from yololab.trackers import offline
from yololab.trackers.base import TrackedRun
from yololab.trackers.offline import offline_runs, upload
from yololab.trackers.wandb import WandbTracker


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
    assert [(run.folders, run.continues) for run in found] == [((first, second), False), ((other,), False)]
    (first / "run-r0.wandb.synced").touch()
    found = offline_runs([tmp_path / "r0"])
    assert [(run.folders, run.continues) for run in found] == [((second,), True)]


@pytest.mark.parametrize(
    ("installed", "commands"),
    [
        ("0.31.0", [["--yes", "1", "2"]]),
        ("0.29.0", [["--include-offline", "1"], ["--include-offline", "--append", "2"]]),
    ],
)
def test_each_wandb_is_asked_in_its_own_words(tmp_path, monkeypatch, installed, commands):
    folders = [offline_folder(tmp_path / "r0", f"2026010{i}_000000") for i in (1, 2)]
    asked = []

    def wandb(command, **_):
        names = {str(folder): str(number) for number, folder in enumerate(folders, start=1)}
        asked.append([names.get(word, word) for word in command[command.index("sync") + 1 :]])
        for folder in folders:
            (folder / "run-r0.wandb.synced").touch()
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(offline, "version", lambda name: installed)
    monkeypatch.setattr(offline.subprocess, "run", wandb)
    upload(offline_runs([tmp_path / "r0"])[0])
    assert asked == commands


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
    assert offline_runs([tmp_path / "r0"]) == []


def test_without_a_login_wandbs_own_words_are_passed_on(tmp_path, monkeypatch):
    for name in ("WANDB_API_KEY", "HOME"):
        monkeypatch.setenv(name, "")
    folder = offline_folder(tmp_path / "r0", "20260101_000000")
    (run,) = offline_runs([tmp_path / "r0"])
    with pytest.raises(YololabError, match="wandb could not upload it"):
        upload(run)
    assert folder.is_dir()


class Server(http.server.BaseHTTPRequestHandler):
    """Stands in for W&B's server: says yes to whatever wandb asks, and keeps what it is sent."""

    seen: ClassVar[list[tuple[str, Any]]] = []

    def log_message(self, *_):
        pass

    def _answer(self, content):
        text = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def _body(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return gzip.decompress(raw) if self.headers.get("Content-Encoding") == "gzip" else raw

    def do_GET(self):
        self._answer({})

    def do_PUT(self):
        self._body()
        self.seen.append(("file", self.path))
        self._answer({})

    def do_POST(self):
        raw = self._body()
        if self.path != "/graphql":
            self.seen.append(("stream", raw))
            self._answer({"limits": {}})
            return
        asked = json.loads(raw)
        name = re.search(r"(?:query|mutation)\s+(\w+)", asked["query"]).group(1)
        given = asked.get("variables") or {}
        self.seen.append((name, given))
        project = {"id": "p", "name": "yololab", "entity": {"id": "e", "name": "me"}}
        bucket = {"id": "cg==", "name": given.get("name"), "displayName": "x", "description": None, "config": "{}"}
        bucket |= {"sweepName": None, "historyLineCount": 0, "project": project}
        place = f"http://127.0.0.1:{self.server.server_address[1]}/up/"
        files = [{"name": file, "uploadUrl": place + file} for file in given.get("files") or []]
        answers = {
            "Viewer": {"viewer": {"id": "u", "entity": "me", "username": "me", "flags": "{}", "teams": {"edges": []}}},
            "UpsertBucket": {"upsertBucket": {"bucket": bucket, "inserted": True}},
            "CreateRunFiles": {"createRunFiles": {"runID": "x", "uploadHeaders": [], "files": files}},
        }
        self._answer({"data": answers.get(name, {})})


def test_the_real_command_uploads_a_run_and_its_numbers_arrive(tmp_path, monkeypatch):
    tracker = WandbTracker(
        TrackedRun("r0123456789", "demo", tmp_path, {"seed": 0}, "attention=cbam, seed 0"),
        mode="offline", project="yololab", entity=None, tags=["first"],
    )  # fmt: skip
    tracker.logger.log_metrics({"val/mAP": 0.25, "epoch": 0}, 1)
    tracker.finish({"mAP": 25.0}, [])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("WANDB_API_KEY", "a" * 40)
    monkeypatch.setenv("WANDB_BASE_URL", f"http://127.0.0.1:{server.server_address[1]}")
    Server.seen.clear()
    try:
        upload(offline_runs([tmp_path])[0])
    finally:
        server.shutdown()
    told = next(given for name, given in Server.seen if name == "UpsertBucket")
    assert (told["name"], told["displayName"], told["groupName"]) == ("r0123456789", "attention=cbam, seed 0", "demo")
    assert any(name == "stream" and b"val/mAP" in raw and b"25" in raw for name, raw in Server.seen)
    assert offline_runs([tmp_path]) == []

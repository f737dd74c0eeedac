from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys

import pytest

from timing import patience
from yololab.errors import ExitCode
from yololab.sweep.launch import worker
from yololab.sweep.launch.server import start_server
from yololab.sweep.launch.worker import AUTOGROUP, MOST_MESSAGE, heard, run_in_process, tell


def test_a_run_has_a_session_a_log_and_an_exit_code_of_its_own(tmp_path):
    start_server()
    context = multiprocessing.get_context("forkserver")
    hears, tells = context.Pipe(duplex=False)
    arguments = (str(tmp_path), {"OMP_NUM_THREADS": "1"}, 1, tells)
    process = context.Process(target=run_in_process, args=arguments)
    process.start()
    process.join(patience(120))
    assert process.exitcode == ExitCode.FAILED
    assert "not a run folder" in (tmp_path / "log.txt").read_text()
    assert os.getsid(0) != process.pid
    told = heard(hears)
    assert (told["state"], told["class"]) == ("failed", "YololabError")
    assert "not a run folder" in told["message"]


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this kernel does not group processes by session")
def test_a_nice_sweep_has_nice_runs():
    code = (
        "import os; from yololab.sweep.launch.worker import AUTOGROUP, stay_nice\n"
        "os.nice(7); os.setsid(); stay_nice(); print(AUTOGROUP.read_text())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "7"


def test_where_sessions_have_no_weight_nothing_is_written(monkeypatch, tmp_path):
    monkeypatch.setattr(worker, "AUTOGROUP", tmp_path / "nowhere" / "autogroup")
    worker.stay_nice()
    assert list(tmp_path.iterdir()) == []


def test_what_is_told_is_heard_once_and_a_long_message_does_not_block():
    hears, tells = multiprocessing.Pipe(duplex=False)
    assert heard(hears) == {}
    tell(tells, ValueError("\u00e4" * 1_000_000))
    assert heard(hears) == {"state": "failed", "class": "ValueError", "message": "\u00e4" * (MOST_MESSAGE // 2)}
    assert heard(hears) == {}


def test_a_controller_that_is_gone_or_a_run_that_told_nothing_is_no_error():
    hears, tells = multiprocessing.Pipe(duplex=False)
    hears.close()
    tell(tells, ValueError("nobody listens"))
    hears, tells = multiprocessing.Pipe(duplex=False)
    tells.close()
    assert heard(hears) == {}


def test_garbage_is_not_heard():
    hears, tells = multiprocessing.Pipe(duplex=False)
    for content in (b"{", b"[1]", b"3"):
        tells.send_bytes(content)
        assert heard(hears) == {}

from __future__ import annotations

import multiprocessing
import os

from timing import patience
from yololab.errors import ExitCode
from yololab.sweep.launch.processes import start_server
from yololab.sweep.launch.worker import run_in_process


def test_a_run_has_a_session_a_log_and_an_exit_code_of_its_own(tmp_path):
    start_server()
    arguments = (str(tmp_path), {"OMP_NUM_THREADS": "1"}, 1)
    process = multiprocessing.get_context("forkserver").Process(target=run_in_process, args=arguments)
    process.start()
    process.join(patience(120))
    assert process.exitcode == ExitCode.FAILED
    assert "not a run folder" in (tmp_path / "log.txt").read_text()
    assert os.getsid(0) != process.pid

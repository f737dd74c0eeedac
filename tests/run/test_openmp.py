from __future__ import annotations

import os
import subprocess
import sys

import pytest

from yololab.run import openmp
from yololab.run.openmp import SPINS, SPINS_OF_INFERENCE, wait_as_cores_allow, wait_briefly, waiting


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, f"GOMP_SPINCOUNT={SPINS}"),
        ({"GOMP_SPINCOUNT": "7"}, "GOMP_SPINCOUNT=7"),
        ({"OMP_WAIT_POLICY": "active"}, "OMP_WAIT_POLICY=active"),
    ],
)
def test_threads_sleep_soon_unless_somebody_has_decided(monkeypatch, before, after):
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in before.items():
        monkeypatch.setenv(name, value)
    wait_briefly()
    assert waiting() == after


def test_commands_that_compute_image_by_image_wait_longer():
    code = "from yololab.cli.main import main; import os\ntry: main(['{}', 'x'])\nexcept SystemExit: pass\n"
    found = {}
    free = {key: value for key, value in os.environ.items() if key not in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY")}
    for word in ("predict", "table"):
        end = "print(os.environ['GOMP_SPINCOUNT'])"
        command = [sys.executable, "-c", code.format(word) + end]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=free)
        found[word] = int(done.stdout.split()[-1])
    assert found == {"predict": SPINS_OF_INFERENCE, "table": SPINS}


@pytest.mark.parametrize(
    ("running", "cores", "threads", "after"),
    [
        ([1, 1, 1, 1, 1], 2, None, SPINS),  # this process alone
        ([2, 1, 1, 2, 1], 2, None, SPINS),  # a passing one
        ([2, 2, 1, 2, 2], 2, None, SPINS),  # one other
        ([1, 3, 3, 1, 3], 2, None, 0),  # two that come and go
        ([3, 3, 3, 3, 3], 2, None, 0),
        ([2, 2, 2, 2, 2], 2, 1, SPINS),  # with a core of its own
        ([7, 7, 7, 7, 7], 8, 4, SPINS),
        ([8, 8, 8, 8, 8], 8, 4, 0),
        ([2, 2, 2, 2, 2], 64, None, SPINS),
        ([34, 34, 34, 34, 34], 64, None, 0),
    ],
)
def test_training_sleeps_at_once_where_others_want_its_cores(monkeypatch, tmp_path, running, cores, threads, after):
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    if threads:
        monkeypatch.setenv("OMP_NUM_THREADS", str(threads))
    looks = iter(running)
    monkeypatch.setattr(openmp, "_running", lambda: next(looks))
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)), raising=False)
    wait_as_cores_allow()
    assert waiting().split()[0] == f"GOMP_SPINCOUNT={after}"


def test_what_runs_is_read_from_the_system(monkeypatch, tmp_path):
    monkeypatch.setattr(openmp, "STAT", tmp_path / "stat")
    assert openmp._running() == 1  # nobody says
    (tmp_path / "stat").write_text("cpu 1 2\nprocs_running 7\nprocs_blocked 0\n")
    assert openmp._running() == 7


def test_a_decision_of_the_user_stands(monkeypatch):
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    monkeypatch.setattr(openmp, "_running", lambda: 100)
    wait_as_cores_allow()
    assert os.environ["GOMP_SPINCOUNT"] == "7"


@pytest.mark.parametrize("start", ["yololab.cli.main", "yololab.cli.train_command", "yololab.run.process"])
def test_no_way_in_loads_torch_before_it_is_settled(start):
    code = f"import sys, {start}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert done.stdout == "False\n"

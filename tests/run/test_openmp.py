from __future__ import annotations

import os
import subprocess
import sys

import pytest

from yololab.run.openmp import SPINS, wait_briefly, waiting


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


@pytest.mark.parametrize("start", ["yololab.cli.main", "yololab.cli.train_command", "yololab.run.process"])
def test_no_way_in_loads_torch_before_it_is_settled(start):
    code = f"import sys, {start}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert done.stdout == "False\n"

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from yololab.run.openmp import SPINS, SPINS_OF_INFERENCE, wait_briefly, waiting


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


@pytest.mark.parametrize("start", ["yololab.cli.main", "yololab.cli.train_command", "yololab.run.process"])
def test_no_way_in_loads_torch_before_it_is_settled(start):
    code = f"import sys, {start}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ})
    assert done.stdout == "False\n"

"""Every script of benchmarks/ runs in its smallest form and says something."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from timing import patience

SCRIPTS = sorted((Path(__file__).parents[1] / "benchmarks").glob("*.py"))


def test_there_are_benchmarks():
    assert SCRIPTS


LONG = ("sweep_overhead", "busy_machine", "epochs", "training_step")
"""Take half a minute and more even so: make test-slow"""
MARKED = [
    pytest.param(script, id=script.stem, marks=[pytest.mark.slow] if script.stem in LONG else []) for script in SCRIPTS
]


@pytest.mark.parametrize("script", MARKED)
def test_a_benchmark_runs_in_its_smallest_form(script, tmp_path):
    command = [sys.executable, str(script), "--quick"]
    surroundings = {**os.environ, "PYTHONSAFEPATH": "1"}  # a script's own folder is then no place to import from
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=patience(120), cwd=tmp_path, env=surroundings
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.strip()
    assert "Traceback" not in done.stderr


def test_make_bench_runs_all_of_them_by_their_folder():
    makefile = (Path(__file__).parents[1] / "Makefile").read_text()
    assert makefile.count("benchmarks/*.py") == 2
    assert not [script.name for script in SCRIPTS if script.name in makefile]

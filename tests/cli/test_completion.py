"""What a shell is answered, asked as a shell asks."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def completed(folder, line):
    read, write = os.pipe()
    code = f"import os; os.dup2({write}, 8); os.dup2({write}, 9); from yololab.cli.main import main; main()"
    environment = {
        **os.environ,
        "_ARGCOMPLETE": "1",
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
        "_ARGCOMPLETE_IFS": "\n",
    }
    environment |= {"COMP_TYPE": "9", "_ARGCOMPLETE_SHELL": "bash", "_ARGCOMPLETE_SUPPRESS_SPACE": "1"}
    try:
        subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, pass_fds=[write], check=False)
    finally:
        os.close(write)
    with os.fdopen(read) as stream:
        return [word.strip() for word in stream.read().split("\n") if word]


@pytest.fixture
def folder(tmp_path):
    for name in ("runs/alpha/r0123456789", "runs/alpha/rabcdef0123", "runs/beta", "runs/.hydra"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("yololab prof", ["profile"]),
        ("yololab table al", ["alpha"]),
        ("yololab val alpha/r0", ["alpha/r0123456789"]),
        ("yololab val ra", ["rabcdef0123"]),
        ("yololab train atten", ["attention="]),
        ("yololab plan recipe.pat", ["recipe.patience="]),
        ("yololab help atten", ["attention"]),
        ("yololab export alpha/r0123456789 --dyn", ["--dynamic"]),
    ],
)
def test_what_can_come_next(folder, line, words):
    assert completed(folder, line) == words


def test_choices_of_a_group(folder):
    found = completed(folder, "yololab train attention=c")
    assert [word.rpartition("=")[2] for word in found] == ["ca", "caa", "cbam", "cbam_paper", "cpca"]

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import atexit, sys
from yololab.cli.leave import be_ready_to_leave, leaving
be_ready_to_leave()
atexit.register(print, "told")
class Late:
    def __del__(self):
        print("taken apart", flush=True)
late = Late()
print("said")
{end}
"""


@pytest.mark.parametrize(
    ("name", "end", "code", "expected"),
    [
        ("train.py", "sys.exit(leaving(3))", 3, ["said", "told"]),
        ("train.py", "leaving(0)", 0, ["said", "told"]),
        ("yololab", "raise ValueError", 1, ["said", "told", "taken apart"]),
        ("other.py", "leaving(3)", 0, ["said", "told", "taken apart"]),
    ],
)
def test_everybody_is_told_and_nothing_is_taken_apart(tmp_path, name, end, code, expected):
    (tmp_path / name).write_text(PROGRAM.format(end=end))
    done = subprocess.run([sys.executable, str(tmp_path / name)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split("\n")[:-1]) == (code, expected)

from __future__ import annotations

import subprocess
import sys
import time

from timing import patience

CODE = """
import sys
from yololab.sweep.launch.server import start_server
start_server()
assert not {"torch", "lightning", "matplotlib"} & sys.modules.keys()
print("started", flush=True)
"""


def test_the_server_starts_before_anything_heavy_is_imported_and_ends_with_its_sweep():
    """Its end is waited for, since it holds the pipe: it takes nothing apart."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, timeout=patience(90)
    )
    assert done.stdout == "started\n"
    assert done.stderr == ""
    assert time.monotonic() - began < patience(60)

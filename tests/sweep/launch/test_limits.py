from __future__ import annotations

import subprocess
import sys
import time

from yololab.sweep.launch.limits import GIB, group_memory


def test_the_memory_of_a_run_is_that_of_its_whole_group():
    code = "import os, time; x = bytearray(300 << 20); os.fork(); print('ready', flush=True); time.sleep(3600)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert process.stdout.readline()
        time.sleep(0.2)
        # The child shares its parent's pages: they count once.
        assert 0.29 * GIB < group_memory(process.pid) < 0.45 * GIB
    finally:
        subprocess.run(["kill", "-9", "--", f"-{process.pid}"], check=True)
        process.wait()
    assert group_memory(process.pid) == 0

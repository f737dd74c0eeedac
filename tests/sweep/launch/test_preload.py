from __future__ import annotations

import subprocess
import sys

CODE = """
import gc, os, signal, sys, threading
import yololab.sweep.launch.preload
import torch
assert gc.isenabled()
assert threading.active_count() == 1, threading.enumerate()
assert not torch.cuda.is_initialized()
assert signal.getsignal(signal.SIGTERM) == signal.SIG_IGN
before = set(sys.modules)
from yololab.run import execute, fit, pictures, prepare, start
assert set(sys.modules) == before
print("said", flush=True)
"""


def test_what_runs_need_is_imported_and_no_thread_or_cuda_started():
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "said\n"), done.stderr

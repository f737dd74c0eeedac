from __future__ import annotations

import resource
import subprocess
import sys

from yololab.data.allocator import keep_freed_memory

LOOP = """
import resource, sys
import numpy as np
from yololab.data.allocator import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
np.ones(1_200_000, np.uint8)
before = faults()
for _ in range(100):
    pieces = [np.ones(1_200_000, np.uint8) for _ in range(4)]
    del pieces
print(faults() - before)
"""


def test_memory_that_images_free_is_not_taken_from_the_system_again():
    pages = 4 * 100 * 1_200_000 // resource.getpagesize()
    found = [
        int(subprocess.run([sys.executable, "-c", LOOP, word], capture_output=True, text=True, check=True).stdout)
        for word in ("keep", "as it is")
    ]
    assert found[0] < 0.1 * pages
    assert found[1] > 0.4 * pages


def test_it_is_no_error_where_another_allocator_runs(monkeypatch):
    keep_freed_memory.cache_clear()
    monkeypatch.setattr("ctypes.CDLL", lambda name: object())
    assert keep_freed_memory() is False
    keep_freed_memory.cache_clear()

"""What a process does with memory that it frees.

glibc gives large pieces back to the system at once, and takes them again for the next image, page by page, each of them
emptied first: a third of the time of augmentation at 640 pixels.
"""

from __future__ import annotations

import ctypes
from functools import cache

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Names of glibc's mallopt(3)"""
KEPT = 256 * 2**20
"""Bytes that a process keeps at most though it has freed them"""
LARGEST = 32 * 2**20
"""Bytes of the largest piece that is kept, the most that glibc allows"""


@cache
def keep_freed_memory() -> bool:
    """Keep some freed memory of this process for its next images; False where another allocator runs."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(MMAP_THRESHOLD, LARGEST) and mallopt(TRIM_THRESHOLD, KEPT))

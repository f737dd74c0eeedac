"""The sign-flip test of paired differences: exact, no distribution (Fisher, The Design of Experiments, 1935, §21).

Under no effect each difference is as likely to have the other sign; p is the share of all 2^n sign patterns whose sum
is as far from 0 as the one found. With n seeds it cannot be below 2 / 2^n: 0.25 at three seeds, 0.0625 at five.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

LARGEST = 20
"""2^20 sign patterns are enumerated in a tenth of a second"""


def sign_flip_p(differences: Sequence[float] | np.ndarray) -> float:
    """Two-sided exact p; nan for no differences or for more than LARGEST."""
    found = np.asarray(differences, dtype=float)
    if not 1 <= len(found) <= LARGEST:
        return math.nan
    sums = np.array([found[0]])  # the first sign stays: patterns come in mirrored pairs
    for difference in found[1:]:
        sums = np.concatenate([sums + difference, sums - difference])
    tolerance = 1e-9 * np.abs(found).sum()  # sums that are equal but for rounding are ties
    return float((np.abs(sums) >= abs(found.sum()) - tolerance).mean())


def smallest_p(num_differences: int) -> float:
    """The smallest two-sided p that so many differences can give; nan for none."""
    return 2.0 ** (1 - num_differences) if num_differences > 0 else math.nan

"""Images that look the same though their bytes differ: cut, scaled, saved again, or taken a moment later.

The difference hash (Krawetz 2013) at 16 x 16: an image is brought to 17 x 16 grey values, and every bit says whether a
value is larger than its left neighbour. Of 256 bits, photographs of different things differ in about 120. In BCCD, of
17,835 pairs of training and validation images the nearest of different smears differ in 82, one smear refocused in 27.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

SIDE = 16
BITS = SIDE * SIDE
CHUNK = 1024
ALIKE = 32
"""Bits that two pictures of the same thing may differ in"""
FLAT = 2.0
"""Standard deviation, in grey levels of 255, below which an image shows nothing to compare"""
MOST_PAIRS = 10**8
"""More are not compared before every run"""


def look_of(image: np.ndarray) -> str:
    """The difference hash of an image (H, W, 3) BGR or (H, W), as 64 hexadecimal digits; empty where it is flat."""
    grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (SIDE + 1, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    if small.std() < FLAT:
        return ""
    return np.packbits(small[:, 1:] > small[:, :-1]).tobytes().hex()


def similar_pairs(first: Sequence[str], second: Sequence[str]) -> list[tuple[int, int]]:
    """Places in `first` and `second` of hashes that are alike, each of `second` with its nearest; nothing where they
    are too many to compare. Empty hashes are like no other."""
    left, right = _known(first), _known(second)
    if not left or not right or len(left) * len(right) > MOST_PAIRS:
        return []
    own, found = _signs([first[place] for place in left]), []
    for start in range(0, len(right), CHUNK):
        places = right[start : start + CHUNK]
        agreement = _signs([second[place] for place in places]) @ own.T  # bits alike minus bits that differ
        nearest = agreement.argmax(axis=1)
        differing = (BITS - agreement[np.arange(len(places)), nearest]) / 2
        found += [(left[n], place) for n, place, d in zip(nearest, places, differing, strict=True) if d <= ALIKE]
    return found


def _signs(hashes: Sequence[str]) -> np.ndarray:
    """Bits as (n, 256) float32 of -1 and 1: one product of matrices then compares all with all, exactly."""
    packed = np.frombuffer(bytes.fromhex("".join(hashes)), np.uint8).reshape(len(hashes), -1)
    return np.unpackbits(packed, axis=1).astype(np.float32) * 2 - 1


def _known(hashes: Sequence[str]) -> list[int]:
    return [place for place, text in enumerate(hashes) if len(text) == BITS // 4]

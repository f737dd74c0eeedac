"""Fractional factorial designs: half or a quarter of all combinations, with the effects that they confound.

Box, Hunter & Hunter, Statistics for Experimenters, ch. 6. An axis of 2^k levels stands for k two-level factors;
combinations are kept where the parity of every generating word is even, so that of all first levels, the baseline, is
kept, and every level comes equally often. Axes of other lengths, and the seed, are crossed in full.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from yololab.errors import ConfigError, did_you_mean
from yololab.sweep.plan.axes import SEED, Axis

GENERATORS = {"full": 0, "half": 1, "quarter": 2}
MOST_WORDS = 160
LEAST_RESOLUTION = 3


@dataclass(frozen=True)
class Design:
    """Which combinations are run, and what can no longer be told apart."""

    words: tuple[int, ...]
    """Generators: bit masks over the two-level factors"""
    factors: tuple[tuple[int, int], ...]
    """(axis, bit of its level) of every two-level factor"""
    resolution: int | None
    confounded: tuple[str, ...]
    """Main effects and two-axis interactions that are the same number in this design"""

    def keeps(self, levels: Sequence[int]) -> bool:
        """Whether the combination at `levels`, an index on each axis, is run."""
        bits = sum(((levels[axis] >> bit) & 1) << index for index, (axis, bit) in enumerate(self.factors))
        return all((bits & word).bit_count() % 2 == 0 for word in self.words)


def make_design(kind: str, axes: Sequence[Axis]) -> Design:
    """The design of highest resolution. ConfigError where main effects could not be told from each other."""
    if kind not in GENERATORS:
        names = ", ".join(GENERATORS)
        raise ConfigError(f"study.design={kind}: expected one of {names}{did_you_mean(kind, GENERATORS)}")
    count = GENERATORS[kind]
    if count == 0:
        return Design((), (), None, ())
    factors = tuple((i, bit) for i, axis in enumerate(axes) for bit in range(_bits(axis)))
    owner = [axis for axis, _ in factors]
    words = _generators(count, owner)
    if words is None:
        lengths = ", ".join(f"{axis.name} has {len(axis)}" for axis in axes)
        raise ConfigError(
            f"study.design={kind}: these axes are too few; main effects would be mixed with each other. Only axes of "
            f"2, 4, 8, ... values can be thinned out, never the seed: {lengths}"
        )
    group = _span(words)
    resolution = min(len(_support(word, owner)) for word in group)
    return Design(words, factors, resolution, _confounded(group, owner, [axis.name for axis in axes]))


def _bits(axis: Axis) -> int:
    length = len(axis)
    return length.bit_length() - 1 if length > 1 and length & (length - 1) == 0 and axis.keys != (SEED,) else 0


def _support(word: int, owner: Sequence[int]) -> frozenset[int]:
    return frozenset(owner[i] for i in range(len(owner)) if word >> i & 1)


def _span(words: Sequence[int]) -> list[int]:
    span = {0}
    for word in words:
        span |= {word ^ other for other in span}
    return sorted(span - {0})


def _generators(count: int, owner: Sequence[int]) -> tuple[int, ...] | None:
    """Words whose shortest product touches the most axes; of those, with the fewest such products."""
    long_enough = [w for w in range(1, 1 << len(owner)) if len(_support(w, owner)) >= LEAST_RESOLUTION]
    # Words of middling length combine to long products, words of full length do not: keep some of each.
    long_enough.sort(key=lambda w: (-len(_support(w, owner)), -w.bit_count(), w))
    step = max(1, len(long_enough) // MOST_WORDS)
    candidates = long_enough if count == 1 else long_enough[::step]
    best, best_score = None, (0, 0, 0)
    for words in itertools.combinations(candidates, count):
        lengths = [len(_support(word, owner)) for word in _span(words)]
        shortest = min(lengths)
        score = (shortest, -lengths.count(shortest), sum(lengths))
        if shortest >= LEAST_RESOLUTION and score > best_score:
            best, best_score = words, score
    return best


def _confounded(group: Sequence[int], owner: Sequence[int], names: Sequence[str]) -> tuple[str, ...]:
    used = sorted(set(owner))
    effects = [frozenset({a}) for a in used] + [frozenset(pair) for pair in itertools.combinations(used, 2)]
    vectors: dict[frozenset[int], list[int]] = {effect: [] for effect in effects}
    for vector in range(1, 1 << len(owner)):
        support = _support(vector, owner)
        if support in vectors:
            vectors[support].append(vector)

    def label(effect: frozenset[int]) -> str:
        return " x ".join(names[axis] for axis in sorted(effect))

    found = []
    for first, second in itertools.combinations(effects, 2):
        if any((a ^ word) in vectors[second] for a in vectors[first] for word in group):
            found.append(f"{label(first)} = {label(second)}")
    return tuple(found)

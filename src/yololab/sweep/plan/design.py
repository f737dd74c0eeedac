"""Which combinations are run: all, a fraction with the effects that it confounds, or one change at a time.

Box, Hunter & Hunter, Statistics for Experimenters, ch. 6. An axis of 2^k levels stands for k two-level factors;
combinations are kept where the parity of every generating word is even, so that of all first levels, the baseline, is
kept, and every level comes equally often. Where axes of other lengths must be thinned out too, subset.py does it. The
seed is always crossed in full.

"one_at_a_time" is the usual ablation table: the baseline (all first levels) plus one change, and everything (all last
levels) minus one.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from yololab.errors import ConfigError, did_you_mean
from yololab.sweep.plan.axes import SEED, Axis
from yololab.sweep.plan.subset import ALMOST, overlaps, subset

GENERATORS = {"half": 1, "quarter": 2}
REDUCTIONS = {"half": 2, "third": 3, "quarter": 4}
ONE_AT_A_TIME = "one_at_a_time"
KINDS = ("full", *REDUCTIONS, ONE_AT_A_TIME)
MOST_WORDS = 160
LEAST_RESOLUTION = 3


@dataclass(frozen=True)
class Design:
    """Which combinations are run, and what can no longer be told apart."""

    kept: frozenset[tuple[int, ...]] | None
    """Levels of the axes that are thinned out, or None for all"""
    axes: tuple[int, ...]
    """Places of those axes"""
    resolution: int | None
    """Of a regular fraction"""
    confounded: tuple[str, ...]
    """Main effects and two-axis interactions that are the same number in this design, or overlap"""

    def keeps(self, levels: Sequence[int]) -> bool:
        """Whether the combination at `levels`, an index on each axis, is run."""
        return self.kept is None or tuple(levels[axis] for axis in self.axes) in self.kept


def make_design(kind: str, axes: Sequence[Axis]) -> Design:
    """The design of highest resolution. ConfigError where main effects could not be told from each other."""
    if kind not in KINDS:
        names = ", ".join(KINDS)
        raise ConfigError(f"study.design={kind}: expected one of {names}{did_you_mean(kind, KINDS)}")
    free = tuple(i for i, axis in enumerate(axes) if axis.keys != (SEED,) and len(axis) > 1)
    if kind == "full":
        return Design(None, free, None, ())
    lengths = [len(axes[i]) for i in free]
    if kind == ONE_AT_A_TIME:
        every = itertools.product(*map(range, lengths))
        return Design(frozenset(place for place in every if _is_one_change(place, lengths)), free, None, ())
    return _regular(kind, axes, free) or _subset(kind, axes, free)


def _is_one_change(place: Sequence[int], lengths: Sequence[int]) -> bool:
    """At most one axis off its first level, or all on their last but one, which is on its first."""
    added = sum(level > 0 for level in place)
    missing = [level for level, length in zip(place, lengths, strict=True) if level < length - 1]
    return added <= 1 or missing in ([], [0])


def _regular(kind: str, axes: Sequence[Axis], free: tuple[int, ...]) -> Design | None:
    """A fraction of two-level factors; None where there are too few of them."""
    if kind not in GENERATORS:
        return None
    factors = tuple((place, bit) for place, i in enumerate(free) for bit in range(_bits(axes[i])))
    owner = [place for place, _ in factors]
    words = _generators(GENERATORS[kind], owner)
    if words is None:
        return None
    kept = frozenset(
        place for place in itertools.product(*(range(len(axes[i])) for i in free)) if _is_even(place, factors, words)
    )
    group = _span(words)
    resolution = min(len(_support(word, owner)) for word in group)
    return Design(kept, free, resolution, _confounded(group, owner, [axes[i].name for i in free]))


def _subset(kind: str, axes: Sequence[Axis], free: tuple[int, ...]) -> Design:
    """A fraction of axes of any lengths."""
    lengths, names = [len(axes[i]) for i in free], [axes[i].name for i in free]
    found = " x ".join(f"{name} ({length})" for name, length in zip(names, lengths, strict=True)) or "none"
    refusal = ConfigError(
        f"study.design={kind}: these axes are too few; main effects would be mixed with each other. The seed is never "
        f"thinned out; axes are {found}"
    )
    if len(free) < 2:
        raise refusal
    places = subset(lengths, REDUCTIONS[kind])
    mixed = overlaps(places, lengths)
    both_main = [share for first, second, share in mixed if len(first) == len(second) == 1]
    complete = all({place[i] for place in places} == set(range(length)) for i, length in enumerate(lengths))
    if not complete or any(share > 1 - ALMOST for share in both_main) or len(places) <= sum(lengths) - len(lengths):
        raise refusal

    def told(first: frozenset[int], second: frozenset[int], share: float) -> str:
        sides = (" x ".join(names[axis] for axis in sorted(effect)) for effect in (first, second))
        return " = ".join(sides) if share > 1 - ALMOST else f"{' ~ '.join(sides)} (overlap {share:.2f})"

    return Design(frozenset(places), free, None, tuple(told(*one) for one in mixed))


def _is_even(place: Sequence[int], factors: Sequence[tuple[int, int]], words: Sequence[int]) -> bool:
    bits = sum(((place[axis] >> bit) & 1) << index for index, (axis, bit) in enumerate(factors))
    return all((bits & word).bit_count() % 2 == 0 for word in words)


def _bits(axis: Axis) -> int:
    length = len(axis)
    return length.bit_length() - 1 if length > 1 and length & (length - 1) == 0 else 0


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

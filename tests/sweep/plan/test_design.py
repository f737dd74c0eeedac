"""Fractional designs: numbers that a person can check."""

from __future__ import annotations

import itertools

import pytest

from yololab.errors import ConfigError
from yololab.sweep.plan.axes import Axis
from yololab.sweep.plan.design import make_design


def axis(name, length):
    return Axis((name,), tuple((f"{name}={i}",) for i in range(length)))


def kept(design, axes):
    return [place for place in itertools.product(*(range(len(a)) for a in axes)) if design.keeps(place)]


@pytest.mark.parametrize(("kind", "share"), [("half", 2), ("quarter", 4)])
@pytest.mark.parametrize("lengths", [(2, 2, 2, 2, 2), (4, 2, 2, 2, 3), (4, 4, 2, 2, 2)])
def test_a_fraction_keeps_its_share_the_baseline_and_every_level_equally_often(kind, share, lengths):
    axes = [axis(name, length) for name, length in zip("abcde", lengths, strict=True)]
    design = make_design(kind, axes)
    places = kept(design, axes)
    total = 1
    for length in lengths:
        total *= length
    assert len(places) == total // share
    assert (0,) * len(axes) in places
    for index, length in enumerate(lengths):
        counts = [sum(place[index] == level for place in places) for level in range(length)]
        assert len(set(counts)) == 1
    assert design.resolution >= 3


def test_main_effects_stay_orthogonal_in_a_half():
    axes = [axis("a", 2), axis("b", 2), axis("c", 2), axis("d", 2)]
    places = kept(make_design("half", axes), axes)
    for first, second in itertools.combinations(range(4), 2):
        pairs = [(place[first], place[second]) for place in places]
        assert {pairs.count(pair) for pair in itertools.product((0, 1), repeat=2)} == {2}


def test_the_confounded_effects_of_the_textbook_half_are_told():
    axes = [axis("a", 2), axis("b", 2), axis("c", 2)]
    design = make_design("half", axes)
    assert design.resolution == 3
    assert design.confounded == ("a = b x c", "b = a x c", "c = a x b")


def test_the_half_of_four_axes_has_resolution_four_and_pairs_of_interactions_confounded():
    design = make_design("half", [axis(name, 2) for name in "abcd"])
    assert design.resolution == 4
    assert design.confounded == ("a x b = c x d", "a x c = b x d", "a x d = b x c")


def test_the_seed_is_never_thinned_out():
    axes = [axis("a", 2), axis("b", 2), axis("c", 2), axis("seed", 4)]
    places = kept(make_design("half", axes), axes)
    assert len(places) == 16
    assert {place[3] for place in places if place[:3] == (0, 0, 0)} == {0, 1, 2, 3}


def test_a_fraction_that_would_mix_main_effects_is_refused():
    with pytest.raises(ConfigError, match="these axes are too few; main effects would be mixed"):
        make_design("half", [axis("a", 2), axis("b", 2)])
    with pytest.raises(ConfigError, match=r"too few.*axes are a \(3\)"):
        make_design("third", [axis("a", 3), axis("seed", 6)])


@pytest.mark.parametrize(
    ("kind", "lengths", "runs"),
    [("half", (3, 2, 2), 6), ("third", (3, 3, 2), 6), ("third", (3, 3, 3), 9), ("half", (3, 5, 2), 15)],
)
def test_axes_of_any_length_can_be_thinned_out(kind, lengths, runs):
    axes = [axis(name, length) for name, length in zip("abc", lengths, strict=True)]
    design = make_design(kind, [*axes, axis("seed", 3)])
    places = kept(design, [*axes, axis("seed", 3)])
    assert len(places) == 3 * runs
    assert (0, 0, 0, 0) in places
    for index, length in enumerate(lengths):
        assert {place[index] for place in places} == set(range(length))
    assert design.confounded


def test_the_latin_square_confounds_main_effects_with_interactions():
    design = make_design("third", [axis(name, 3) for name in "abc"])
    assert {"a ~ b x c (overlap 1.00)", "a = b x c"} & set(design.confounded)
    assert not any(text.startswith(("a = b", "a ~ b ")) and " x " not in text for text in design.confounded)


def test_one_at_a_time_is_everything_minus_one_part_and_the_baseline_plus_one():
    axes = [axis("a", 2), axis("b", 2), axis("c", 3), axis("seed", 2)]
    places = {place[:3] for place in kept(make_design("one_at_a_time", axes), axes)}
    assert places == {
        (0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 0, 2),
        (1, 1, 2), (0, 1, 2), (1, 0, 2), (1, 1, 0),
    }  # fmt: skip
    assert len(kept(make_design("one_at_a_time", axes), axes)) == 18


def test_a_reduction_that_is_too_large_is_refused_in_words():
    with pytest.raises(ConfigError, match="no fraction of 1/4 of 2 x 2 runs|too few"):
        make_design("quarter", [axis("a", 2), axis("b", 2)])

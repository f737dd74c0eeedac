"""Axes, zipped axes, conditions, fractional designs: numbers that a person can check."""

from __future__ import annotations

import itertools

import pytest
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra

from yololab.config.place import conf_dir
from yololab.errors import ConfigError
from yololab.sweep.plan.axes import Axis, read_axes
from yololab.sweep.plan.conditions import parse_condition
from yololab.sweep.plan.design import make_design


@pytest.fixture
def loader():
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        yield GlobalHydra.instance().config_loader()


def combinations(axes):
    return [" ".join(overrides) for _, overrides in axes.combinations()]


def test_lists_ranges_choices_and_globs_cross_and_the_last_axis_varies_fastest(loader):
    axes = read_axes(["scale=n", "attention=glob(*ca)", "seed=range(0,2)", "recipe.lr=choice(0.1,0.01)"], loader)
    assert axes.fixed == ("scale=n",)
    assert [axis.name for axis in axes.axes] == ["attention", "seed", "recipe.lr"]
    assert combinations(axes)[:3] == [
        "scale=n attention=ca seed=0 recipe.lr=0.1",
        "scale=n attention=ca seed=0 recipe.lr=0.01",
        "scale=n attention=ca seed=1 recipe.lr=0.1",
    ]
    assert len(combinations(axes)) == 2 * 2 * 2


def test_a_value_given_twice_is_one_setting_and_a_key_given_twice_means_the_last(loader):
    assert combinations(read_axes(["seed=0,0,1"], loader)) == ["seed=0", "seed=1"]
    assert combinations(read_axes(["seed=0,1", "seed=5"], loader)) == ["seed=5"]


def test_zipped_axes_move_together(loader):
    axes = read_axes(["head=effide,detect", "loss=siou,ciou", "seed=0,1"], loader, [["head", "loss"]])
    assert combinations(axes) == [
        "head=effide loss=siou seed=0",
        "head=effide loss=siou seed=1",
        "head=detect loss=ciou seed=0",
        "head=detect loss=ciou seed=1",
    ]


def test_zipped_values_may_repeat_pairs_may_not(loader):
    axes = read_axes(["head=effide,detect,detect,detect", "seed=0,0,1,1"], loader, [["head", "seed"]])
    assert combinations(axes) == ["head=effide seed=0", "head=detect seed=0", "head=detect seed=1"]


@pytest.mark.parametrize(
    ("zipped", "message"),
    [
        ([["head", "seed"]], "need as many values each; head has 2, seed has 3"),
        ([["head", "los"]], r"'los' is not swept; did you mean 'loss'\?"),
        ([["head", "loss"], ["loss", "head"]], "'loss' is named twice"),
    ],
)
def test_zipped_axes_that_do_not_fit_are_refused(loader, zipped, message):
    with pytest.raises(ConfigError, match=message):
        read_axes(["head=effide,detect", "loss=siou,ciou", "seed=0,1,2"], loader, zipped)


def test_an_interval_is_refused_because_it_has_no_list_of_values(loader):
    with pytest.raises(ConfigError, match=r"recipe.lr=interval\(0.1,1\): an interval has no list of values"):
        read_axes(["recipe.lr=interval(0.1,1)"], loader)


CELL = {"attention": "none", "insert_pos": "all_heads", "scale.width": "0.25", "head": "effide"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("attention=none", True),
        ("attention == 'none'", True),
        ("attention!=none", False),
        ("attention=none and insert_pos=neck", False),
        ("attention=cbam or insert_pos=all_heads", True),
        ("attention=cbam and head=effide or head=effide", True),
        ("attention=cbam and (head=effide or head=effide)", False),
        ("not attention=cbam and not (head=detect)", True),
        ("scale.width=0.25", True),
    ],
)
def test_conditions_join_comparisons_as_words_do(text, expected):
    assert parse_condition(text).holds(CELL) is expected


@pytest.mark.parametrize("text", ["attention", "attention=", "=none", "attention=none and", "(attention=none", "a=b c"])
def test_a_condition_that_cannot_be_read_is_shown_with_the_form_expected(text):
    with pytest.raises(ConfigError, match=r"cannot be read at .*; expected comparisons such as attention=none"):
        parse_condition(text)


def test_a_condition_on_something_unknown_names_the_nearest():
    with pytest.raises(ConfigError, match=r"no run has 'atention'; did you mean 'attention'\?"):
        parse_condition("atention=none").holds(CELL)


def test_a_condition_is_never_executed():
    with pytest.raises(ConfigError):
        parse_condition("__import__('os').system('true')").holds(CELL)


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
        make_design("half", [axis("a", 2), axis("b", 4)])

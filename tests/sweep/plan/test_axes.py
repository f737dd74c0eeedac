"""Axes and zipped axes: numbers that a person can check."""

from __future__ import annotations

import pytest
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra

from yololab.config.place import conf_dir
from yololab.errors import ConfigError
from yololab.sweep.plan.axes import Axis, read_axes


@pytest.fixture
def loader():
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        yield GlobalHydra.instance().config_loader()


def combinations(axes):
    return [" ".join(overrides) for _, overrides in axes.combinations()]


def test_lists_ranges_choices_and_globs_cross_and_the_last_axis_varies_fastest(loader):
    axes = read_axes(["scale=n", "attention=glob(gam*)", "seed=range(0,2)", "recipe.lr=choice(0.1,0.01)"], loader)
    assert axes.fixed == ("scale=n",)
    assert [axis.name for axis in axes.axes] == ["attention", "seed", "recipe.lr"]
    assert combinations(axes)[:3] == [
        "scale=n attention=gam seed=0 recipe.lr=0.1",
        "scale=n attention=gam seed=0 recipe.lr=0.01",
        "scale=n attention=gam seed=1 recipe.lr=0.1",
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


def axis(name, length):
    return Axis((name,), tuple((f"{name}={i}",) for i in range(length)))

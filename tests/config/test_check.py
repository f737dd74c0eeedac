from __future__ import annotations

import pytest

from yololab.config.check import AT_LEAST, AT_MOST, CHOICES, check
from yololab.config.compose import compose
from yololab.errors import ConfigError


def with_value(key, value):
    config = compose([])
    *path, last = key.split(".")
    node = config
    for part in path:
        node = node[part]
    node[last] = value
    return config


@pytest.mark.parametrize("key", AT_LEAST)
def test_every_lower_bound_is_kept(key):
    with pytest.raises(ConfigError, match=f"{key}=.*: expected at least {AT_LEAST[key]}"):
        check(with_value(key, AT_LEAST[key] - 1))
    check(with_value(key, AT_LEAST[key]))


@pytest.mark.parametrize("key", AT_MOST)
def test_every_upper_bound_is_kept(key):
    with pytest.raises(ConfigError, match=f"{key}=.*: expected at most"):
        check(with_value(key, AT_MOST[key] * 2 if AT_MOST[key] > 1e30 else AT_MOST[key] + 1))
    check(with_value(key, AT_MOST[key]))


@pytest.mark.parametrize("key", CHOICES)
def test_every_list_of_choices_is_kept(key):
    for choice in CHOICES[key]:
        check(with_value(key, choice))
    with pytest.raises(ConfigError, match=f"{key}=nonsense: expected one of"):
        check(with_value(key, "nonsense"))


def test_a_missing_key_is_named():
    config = compose([])
    del config["recipe"]
    with pytest.raises(ConfigError, match="recipe: the configuration lacks this key"):
        check(config)


@pytest.mark.parametrize("workers", [-1, 1.5, "some"])
def test_workers_are_auto_or_a_number(workers):
    with pytest.raises(ConfigError, match=r"runtime.workers=.*: expected auto or a number from 0"):
        check(with_value("runtime.workers", workers))


@pytest.mark.parametrize("accumulate", [0, -1, 1.5, "nominl", None])
def test_batches_per_step_are_nominal_or_a_number(accumulate):
    with pytest.raises(ConfigError, match=r"recipe.accumulate=.*: expected nominal or a number from 1"):
        check(with_value("recipe.accumulate", accumulate))
    check(with_value("recipe.accumulate", 4))


def test_a_rate_is_left_open_for_an_automatic_optimizer_alone():
    check(compose(["recipe=yolov8"]))
    with pytest.raises(ConfigError, match=r"recipe.lr, recipe.momentum, recipe.warmup_bias_lr: null.*needs numbers"):
        check(compose(["recipe=yolov8", "recipe.optimizer=sgd"]))


@pytest.mark.parametrize("norm", [0, -1.0])
def test_clipping_to_nothing_is_refused(norm):
    with pytest.raises(ConfigError, match=r"recipe.clip_norm=.*: expected more than 0, or null"):
        check(with_value("recipe.clip_norm", norm))
    check(with_value("recipe.clip_norm", None))

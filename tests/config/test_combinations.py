"""The quick composition is Hydra's, key for key."""

from __future__ import annotations

import json

import pytest
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf

from yololab.config.combinations import Combinations
from yololab.config.place import conf_dir
from yololab.errors import ConfigError

CHOICES = {
    "model": ["yolov8", "yolov9", "yolov6"],
    "task": ["detect", "segment"],
    "experiment": ["demo", "smoke"],
    "attention": ["none", "cbam", "eca"],
    "insert_pos": ["neck", "all_heads"],
    "head": ["detect", "dual_ddetect", "effide"],
    "loss": ["ciou", "siou"],
    "assigner": ["tal", "static", "simota"],
    "recipe": ["yolov9", "tiny"],
    "scale": ["n", "p"],
    "block": ["default", "c2f_ghost_dynamic"],
    "tracker": ["none", "wandb"],
    "seed": ["0", "7"],
    "recipe.lr": ["0.1", "1e-3", "${recipe.final_lr}"],
    "insert_pos.after": ["[backbone.stage5]", "[]"],
    "study.name": ["mine"],
}


@pytest.fixture(scope="module")
def composer():
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        yield Combinations(GlobalHydra.instance().config_loader())


overrides = st.lists(st.sampled_from(sorted(CHOICES)), unique=True, max_size=7).flatmap(
    lambda keys: st.tuples(*(st.sampled_from([f"{key}={value}" for value in CHOICES[key]]) for key in keys))
)


@settings(max_examples=30, deadline=None)
@given(overrides)
def test_it_equals_what_hydra_composes(composer, overrides):
    quick = composer.compose(overrides)
    content, choices = composer._compose_by_hydra(overrides)
    assert composer._compose_from_files([composer._parse(text) for text in overrides]) is not None
    expected = OmegaConf.to_container(OmegaConf.create(content), resolve=True)
    assert json.dumps(quick.config, sort_keys=True) == json.dumps(expected, sort_keys=True)
    assert {k: v for k, v in quick.choices.items() if "/" not in k} == {
        k: v for k, v in choices.items() if "/" not in k
    }


@pytest.mark.parametrize(
    "overrides",
    [["+recipe.extra=1"], ["++attention.ratio=8", "attention=cbam"], ["~recipe.momentum"], ["data.classes=[disc,bar]"]],
)
def test_what_only_hydra_can_tell_goes_through_hydra(composer, overrides):
    content, _ = composer._compose_by_hydra(overrides)
    assert composer.compose(overrides).config == OmegaConf.to_container(OmegaConf.create(content), resolve=True)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("attention=cbma", r"attention=cbma: there is no such choice; did you mean 'cbam'\?"),
        ("recipe.lrr=1", r"recipe.lrr: there is no such key; did you mean 'recipe.lr'\? .* write \+\+recipe.lrr"),
        ("recipe.lr=${nowhere}", "Interpolation key 'nowhere' not found"),
    ],
)
def test_errors_are_those_of_a_single_run(composer, override, message):
    with pytest.raises(ConfigError, match=message):
        composer.compose([override])

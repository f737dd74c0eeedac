from __future__ import annotations

import pytest
import torch

from parts import SMALL
from yololab.assemble import build_detector, make_parts, start_from_weights
from yololab.config.compose import compose
from yololab.data import ShapesSource
from yololab.errors import ConfigError


def test_parts_are_those_that_the_configuration_names():
    parts = make_parts(compose(["recipe.augment.mosaic=0.25", "recipe.aux_weight=0.5", "data.classes=[disc,bar]"]))
    assert isinstance(parts.source, ShapesSource)
    assert parts.augment.mosaic == 0.25
    assert parts.loss.branch_weights == {"aux": 0.5}
    assert parts.num_classes == 2


def test_given_classes_count_more_than_those_of_the_data():
    assert make_parts(compose(["num_classes=7"])).num_classes == 7


def test_a_probability_above_one_is_refused_by_its_key():
    with pytest.raises(ConfigError, match=r"recipe.augment.mosaic is a probability, got 1.5"):
        make_parts(compose(["recipe.augment.mosaic=1.5"]))


def test_an_image_size_that_no_grid_fits_is_refused_with_the_stride():
    with pytest.raises(ConfigError, match="image_size=72: expected a multiple of 32"):
        build_detector(compose([*SMALL, "image_size=72"]), 3, "meta")


def test_a_loss_without_gains_is_refused_by_its_key():
    config = compose([])
    del config["loss"]["gains"]
    with pytest.raises(ConfigError, match=r"loss.gains: missing; the YAML of a head gives it"):
        make_parts(config)


def test_without_weights_a_detector_stays_as_its_seed_made_it():
    config = compose([*SMALL])
    detector = build_detector(config, 3)
    before = {key: value.clone() for key, value in detector.state_dict().items()}
    assert start_from_weights(config, detector) is None
    assert all(torch.equal(value, before[key]) for key, value in detector.state_dict().items())


def test_masks_are_asked_of_a_head_that_predicts_them():
    with pytest.raises(ConfigError, match="task=segment: the chosen head predicts no masks; head=v8_segment does"):
        build_detector(compose(["task=segment", "head=detect", "scale=p"]), 3, device="meta")


def test_class_weights_are_those_of_the_names():
    assert make_parts(compose(["recipe.class_weights={triangle: 2, disc: 0.5}"])).loss.class_weights == {2: 2.0, 0: 0.5}
    with pytest.raises(ConfigError, match=r"recipe.class_weights: the data has no class 'dics'; did you mean 'disc'"):
        make_parts(compose(["recipe.class_weights={dics: 2}"]))


def test_what_is_frozen_and_patterns_that_match_nothing_are_known_when_a_detector_is_built():
    detector = build_detector(compose([*SMALL, "recipe.freeze=[backbone]"]), 3, "meta")
    assert not any(p.requires_grad for name, p in detector.named_parameters() if name.startswith("backbone."))
    for key in ("freeze=[nekc]", "lr_factors={nekc: 2}"):
        with pytest.raises(ConfigError, match="'nekc' matches no parameter; did you mean 'neck'"):
            build_detector(compose([*SMALL, f"recipe.{key}"]), 3, "meta")

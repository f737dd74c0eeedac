from __future__ import annotations

import pytest

import yololab
from yololab.detector.patterns import freeze_, frozen_norms, matching, rate_factors
from yololab.errors import ConfigError


@pytest.fixture
def detector():
    return yololab.build(["experiment=smoke"])


def below(detector, prefix):
    return {name for name, _ in detector.named_parameters() if name.startswith(prefix)}


def test_a_pattern_means_a_section_a_node_or_a_parameter(detector):
    for pattern in ("backbone", "backbone.*"):
        assert set(matching(detector, pattern, "k")) == below(detector, "backbone.")
    node = next(name for name, _ in detector.named_parameters()).rpartition(".conv.")[0]
    assert set(matching(detector, node, "k")) == below(detector, f"{node}.")
    assert all(name.endswith(".bias") for name in matching(detector, "*.bias", "k"))
    with pytest.raises(ConfigError, match="recipe.freeze: 'bakbone' matches no parameter; did you mean 'backbone'"):
        matching(detector, "bakbone", "recipe.freeze")


def test_what_is_frozen_is_not_trained_and_its_norms_are_known(detector):
    was_fixed = {name for name, p in detector.named_parameters() if not p.requires_grad}
    assert frozen_norms(detector) == []
    frozen = freeze_(detector, ["backbone.*"])
    assert set(frozen) == below(detector, "backbone.")
    fixed = {name for name, p in detector.named_parameters() if not p.requires_grad}
    assert fixed == was_fixed | set(frozen)
    norms = {id(norm) for norm in frozen_norms(detector)}
    inside = {id(m) for name, m in detector.named_modules() if name.startswith("backbone.") and name.endswith(".bn")}
    assert norms == inside
    assert norms
    with pytest.raises(ConfigError, match="nothing would be left to train"):
        freeze_(detector, ["*"])


def test_of_several_rates_the_last_counts(detector):
    found = rate_factors(detector, {"backbone": 0.1, "*.bias": 1, "backbone.stage4.*": 0.5})
    assert {found[name] for name in below(detector, "backbone.stage4") if name in found} == {0.5}
    assert not any(name.startswith("head") for name in found)
    assert rate_factors(detector, None) == {}

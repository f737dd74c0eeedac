from __future__ import annotations

import pytest

from yololab.config.compose import compose
from yololab.errors import ConfigError


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("recipe.freeze=backbone", "expected a list of patterns"),
        ("recipe.freeze=[1]", "expected a list of patterns"),
        ("recipe.lr_factors=0.1", "expected a mapping"),
        ("recipe.lr_factors={backbone: 0}", "backbone=0: expected a number above 0"),
        ("recipe.lr_factors={backbone: a}", "expected a number above 0"),
        ("recipe.class_weights={disc: true}", "expected a number above 0"),
        ("recipe.class_weights=[2]", "expected a mapping"),
        ("recipe.patience=0", "expected at least 1"),
        ("recipe.patience=two", "recipe.patience"),
        ("patience=3", "here it is recipe.patience"),
        ("freeze=10", "here it is recipe.freeze"),
    ],
)
def test_what_is_no_pattern_and_no_number_is_refused_by_name(override, message):
    with pytest.raises(ConfigError, match=message):
        compose([override])


def test_patterns_with_stars_are_typed_as_they_are():
    recipe = compose(["recipe.freeze=[backbone.*,neck.td?]", "recipe.lr_factors={backbone.*: 0.1}"])["recipe"]
    assert recipe["freeze"] == ["backbone.*", "neck.td?"]
    assert recipe["lr_factors"] == {"backbone.*": 0.1}

"""YAML that nests or repeats itself; frozen configurations and index graphs are read by it."""

from __future__ import annotations

import pytest
import yaml

from yololab.config.yaml_text import UnboundedYAMLError, load_yaml

BOMB = "\n".join(["a0: &a0 [1, 1]", *(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 40))])


def test_plain_values_come_back():
    assert load_yaml("a: [1, {b: x}]") == {"a": [1, {"b": "x"}]}


@pytest.mark.parametrize("text", ["[" * 100 + "]" * 100, "a: &a [*a]", BOMB])
def test_what_has_no_end_is_refused(text):
    with pytest.raises(UnboundedYAMLError):
        load_yaml(text)


@pytest.mark.parametrize("text", ["a: [", "!!python/object:os.system x"])
def test_what_is_no_plain_yaml_is_an_error_of_yaml(text):
    with pytest.raises(yaml.YAMLError):
        load_yaml(text)

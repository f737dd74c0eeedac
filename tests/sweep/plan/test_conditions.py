from __future__ import annotations

import pytest

from yololab.errors import ConfigError
from yololab.sweep.plan.conditions import parse_condition

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

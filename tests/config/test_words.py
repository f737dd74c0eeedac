from __future__ import annotations

import pytest

from yololab.config.compose import compose
from yololab.config.words import ANSWERS, RENAMED, answer
from yololab.errors import ConfigError


def value_at(config, key):
    for part in key.split("."):
        config = config[part]
    return config


@pytest.mark.parametrize("word", RENAMED)
def test_what_a_word_is_called_here_is_a_key(word):
    value_at(compose([]), RENAMED[word])
    assert answer(word) == f"{word}: here it is {RENAMED[word]}"


@pytest.mark.parametrize("word", [*ANSWERS, "imgsz", "batch", "lr0", "fliplr"])
def test_a_word_from_elsewhere_is_answered(word):
    with pytest.raises(ConfigError) as error:
        compose([f"{word}=1"])
    assert str(error.value) == answer(word)


def test_other_words_are_none():
    assert answer("frobnicate") is None

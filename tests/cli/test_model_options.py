from __future__ import annotations

import pytest

from yololab.cli.model_options import numbers, split_words
from yololab.errors import ConfigError


def test_words_are_names_or_overrides():
    words = ["a.jpg", "data.root=/x", "/odd/a=b.png", "seed=1", "http://h/p?a=1"]
    assert split_words(words) == (["a.jpg", "/odd/a=b.png", "http://h/p?a=1"], ["data.root=/x", "seed=1"])


def test_numbers_between_commas():
    assert numbers("1,16", "--batch") == [1, 16]
    for wrong in ("", "a", "1,0", "1.5"):
        with pytest.raises(ConfigError, match="--batch"):
            numbers(wrong, "--batch")

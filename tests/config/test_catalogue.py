from __future__ import annotations

import pytest

from yololab.config.catalogue import GROUPS, choices_of, first_comment, groups
from yololab.errors import ConfigError


def test_every_group_and_every_choice_says_what_it_is():
    assert set(groups()) == set(GROUPS)
    silent = [f"{group}={choice.name}" for group in groups() for choice in choices_of(group) if not choice.says]
    assert silent == []


def test_a_folder_of_ones_own_adds_its_choices(tmp_path):
    (tmp_path / "attention").mkdir()
    (tmp_path / "attention" / "mine.yaml").write_text("# Mine. And more.\n_target_: a.B\n")
    found = {choice.name: choice.says for choice in choices_of("attention", str(tmp_path))}
    assert found["mine"] == "Mine"
    assert next(iter(found)) == "none"
    assert "cbam" in found
    with pytest.raises(ConfigError, match="atention: there is no such group; did you mean 'attention'"):
        choices_of("atention")


@pytest.mark.parametrize(
    ("text", "says"),
    [("", ""), ("a: 1\n# late\n", ""), ("# @package _global_\n# One\n# two. Three.\na: 1\n", "One two"), ("#\n", "")],
)
def test_the_first_sentence_of_the_first_comment(tmp_path, text, says):
    (tmp_path / "a.yaml").write_text(text)
    assert first_comment(tmp_path / "a.yaml") == says

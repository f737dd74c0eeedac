from __future__ import annotations

import pytest

from command import yololab
from yololab.config.compose import compose
from yololab.errors import ConfigError


@pytest.mark.parametrize("value", ["nan", "null", "true", "1e5", "1_000", "3.5", "inf"])
@pytest.mark.parametrize("key", ["study.name", "runtime.root"])
def test_a_key_that_is_text_says_how_to_quote_what_yaml_takes_for_something_else(key, value):
    with pytest.raises(
        ConfigError, match=rf"{key}=.*: expected text, and this is read as .*write it in quotes: '{key}=\""
    ):
        compose([f"{key}={value}"])


@pytest.mark.parametrize("value", ["007", "'1e5'", "'nan'", '"null"', "2020-01-01", "no", "a.b"])
def test_quoted_text_and_text_that_only_looks_like_a_number_is_taken(value):
    assert compose([f"study.name={value}"])["study"]["name"] == value.strip("'\"")


@pytest.mark.parametrize("override", ["weights=5", "study.hypothesis=1", "tracker.project=5", "tracker.entity=true"])
def test_optional_text_is_text_too(override):
    with pytest.raises(ConfigError, match="write it in quotes"):
        compose([override])
    assert compose(["weights=null"])["weights"] is None


@pytest.mark.parametrize("value", ["null", "1e5", "true", "nan"])
@pytest.mark.parametrize("command", [("train",), ("train", "-m"), ("plan",), ("profile",)])
def test_a_choice_that_yaml_takes_for_something_else_is_explained(command, value, tmp_path):
    done = yololab(*command, "experiment=smoke", f"attention={value}", cwd=tmp_path)
    assert done.returncode == 2
    assert "choices are text" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "name", ["..", "../x", "a/b", "/x", ".hidden", "-x", "a.", "'a '", "~x", "'a\\b'", '"a\tb"', "a*b", "x" * 200]
)
def test_a_study_s_name_cannot_leave_its_folder_or_trouble_a_shell(name):
    with pytest.raises(ConfigError, match=r"study\.name"):
        compose([f"study.name={name}"])


def test_data_arguments_that_are_text_are_checked_before_anything_is_read():
    from yololab.assemble import make_parts

    with pytest.raises(ConfigError, match=r"data\.root=5: expected text"):
        make_parts(compose(["data=voc", "data.root=5"]))
    with pytest.raises(ConfigError, match=r"data\.classes: True \(number 0\) is not text"):
        make_parts(compose(["data=voc", "data.classes=[true, cat]"]))

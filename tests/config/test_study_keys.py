from __future__ import annotations

import pytest

from yololab.config.compose import compose
from yololab.config.study_keys import check_study
from yololab.errors import ConfigError


@pytest.mark.parametrize("value", ["1_0", "+1", "1.", "true", "[[1]]", "{a: 1}", "[1,2]"])
@pytest.mark.parametrize("key", ["exclude", "zip", "controls", "baseline", "primary.metric", "primary.contrast"])
def test_what_is_no_list_or_mapping_is_named_before_a_sweep_reads_it(key, value):
    if (key, value) in (("baseline", "{a: 1}"), ("primary.contrast", "{a: 1}")):
        compose([f"study.{key}={value}"])
        return
    with pytest.raises(ConfigError, match=rf"study\.{key}=.*"):
        compose([f"study.{key}={value}"])


def test_what_a_study_may_say_is_taken():
    check_study({"exclude": ["a=b"], "zip": [["a", "b"]], "controls": "all", "baseline": {"attention": "none"}})
    check_study({"exclude": None, "controls": ["placebo"], "primary": {"metric": "mAP", "contrast": {"a": 1.5}}})
    check_study({})

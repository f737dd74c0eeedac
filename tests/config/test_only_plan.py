from __future__ import annotations

import pytest
from omegaconf import OmegaConf

from yololab.config.only_plan import asks_for_plan


@pytest.mark.parametrize(
    ("default", "arguments", "expected"),
    [
        (False, ["seed=0,1"], False),
        (True, ["seed=0,1"], True),
        (False, ["plan=true", "seed=0,1"], True),
        (True, ["seed=0,1", "plan=false"], False),
        (False, ["plan=true", "plan=false"], False),
    ],
)
def test_the_last_word_counts(default, arguments, expected):
    assert asks_for_plan(OmegaConf.create({"plan": default}), arguments) is expected

from __future__ import annotations

import json

import pytest

from command import yololab
from yololab.cli.diff_command import _delta
from yololab.study.compare import Difference


def test_diff_says_what_differs(place, run_ids):
    first, second = run_ids
    found = json.loads(yololab("diff", f"smoke/{first}", f"smoke/{second}", "--json", cwd=place).stdout)
    assert {d["key"] for d in found if d["part"] == "configuration"} == {"seed"}
    assert not [d for d in found if d["part"] == "environment"]
    assert "no difference" in yololab("diff", f"smoke/{first}", f"smoke/{first}", cwd=place).stdout


def test_numbers_have_their_difference_and_curves_are_shown_where_asked(place, run_ids):
    text = yololab("diff", *run_ids, cwd=place).stdout  # ids alone are enough
    assert "second - first" in text
    assert "epoch" not in text
    assert "values of the curves differ too; yololab diff --curves shows them" in " ".join(text.split())
    assert "epoch" in yololab("diff", *run_ids, "--curves", cwd=place).stdout


@pytest.mark.parametrize(("first", "second", "told"), [(1, 3, "+2"), (0.5, 0.25, "-0.25"), ("a", 1, ""), (True, 2, "")])
def test_a_difference_is_that_of_numbers(first, second, told):
    assert _delta(Difference("metrics", "mAP", first, second)) == told

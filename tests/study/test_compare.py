from __future__ import annotations

import pytest

from study.case import record
from yololab.config.compose import compose
from yololab.config.identity import identify
from yololab.study.compare import compare, compare_configs


def test_a_difference_names_part_key_and_both_values():
    found = compare(record(seed=0, score=0.5), record(seed=1, score=0.6, commit="c1"))
    assert {(d.part, d.key, d.first, d.second) for d in found} == {
        ("configuration", "seed", 0, 1),
        ("environment", "git.commit", "c0", "c1"),
        ("metrics", "mAP", 0.5, 0.6),
        ("metrics", "mAP50", 0.7, 0.8),
    }


@pytest.mark.parametrize(
    "override",
    [
        "data.root=/elsewhere",
        "ckpt_path=last",
        "trainer.accelerator=cpu",
        "runtime.workers=2",
        "tracker=none",
        "study.name=x",
    ],
)
def test_what_leaves_the_identity_equal_is_no_difference(override):
    """The measured fault: five lists disagreed, and a moved root was a difference of two equal runs."""
    plain, moved = compose(["data=bccd", "data.root=/here"]), compose(["data=bccd", "data.root=/here", override])
    assert identify(plain, "d", "g").run_id == identify(moved, "d", "g").run_id
    assert compare_configs(plain, moved) == []


def test_what_changes_the_identity_is_a_difference():
    plain, other = compose(["recipe.lr=0.1"]), compose(["recipe.lr=0.2"])
    assert identify(plain, "d", "g").run_id != identify(other, "d", "g").run_id
    assert [d.key for d in compare_configs(plain, other)] == ["recipe.lr"]

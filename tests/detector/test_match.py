"""A baseline of equal cost costs what the attention costs, in the form that is asked for, or is refused."""

from __future__ import annotations

import pytest

import yololab
from yololab.detector.complexity import measure
from yololab.errors import ConfigError

GAM = ["num_classes=3", "attention=gam", "insert_pos=all_heads", "image_size=320"]


def counts(*overrides):
    return measure(yololab.build([*overrides], device="meta"), 320)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (["match=gflops"], "gflops_deploy"),
        (["match=gflops", "match_form=train"], "gflops_train"),
        (["match=params"], "params_deploy"),
    ],
)
def test_a_widened_baseline_costs_what_the_attention_costs(asked, name):
    plain, attended, widened = (
        getattr(counts(*o), name) for o in (["num_classes=3", "image_size=320"], GAM, [*GAM, *asked])
    )
    assert attended > 1.2 * plain
    assert abs(widened - attended) < 0.1 * (attended - plain)


def test_it_has_no_attention_and_says_how_close_it_comes():
    graph = yololab.build([*GAM, "match=gflops"], device="meta").graph
    assert not [name for name in graph.names if "attention" in name]
    assert "GFLOPs for" in graph.remarks[0]
    assert "of what the attention costs" in graph.remarks[0]


@pytest.mark.slow
def test_an_auxiliary_branch_does_not_enter_the_deploy_form():
    """The measured fault: with YOLOv9, 182.8 GFLOPs of the training form were matched instead of 164.3."""
    small = ["model=yolov9", "scale.width=0.25", "num_classes=3", "image_size=64", "attention=gam", "insert_pos=neck"]
    plain, attended, widened = (
        measure(yololab.build(o, device="meta"), 64)
        for o in ([*small, "attention=none"], small, [*small, "match=gflops"])
    )
    own = attended.gflops_deploy - plain.gflops_deploy
    assert abs(widened.gflops_deploy - attended.gflops_deploy) < 0.2 * own


@pytest.mark.parametrize("attention", ["eca", "simam"])
def test_a_cost_that_no_width_can_match_is_refused(attention):
    with pytest.raises(
        ConfigError, match="match=gflops: (nothing comes close enough|the attention costs nothing here)"
    ):
        yololab.build(["scale=p", "num_classes=3", "image_size=64", f"attention={attention}", "match=gflops"], "meta")

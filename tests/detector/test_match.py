from __future__ import annotations

import pytest

import yololab
from yololab.detector.complexity import measure


def test_a_widened_baseline_has_the_gflops_of_the_attended_model():
    """Within what one step of 8 channels allows, and without a single attention."""
    common = ["num_classes=3", "attention=gam", "insert_pos=all_heads", "image_size=320"]
    attended = measure(yololab.build(common, device="meta"), 320)
    widened = yololab.build([*common, "match=gflops"], device="meta")
    counts = measure(widened, 320)
    plain = measure(yololab.build(["num_classes=3"], device="meta"), 320)
    assert counts.gflops_train == pytest.approx(attended.gflops_train, rel=0.05)
    assert counts.gflops_train > 1.2 * plain.gflops_train
    assert not [name for name in widened.graph.names if "attention" in name]

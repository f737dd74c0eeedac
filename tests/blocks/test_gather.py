from __future__ import annotations

import pytest
import torch
from torch.nn import functional as F

from yololab.blocks import AlignConcat, Inject
from yololab.graph.node import FeatureSpec


def levels(*channels):
    return [torch.rand(2, width, 16 >> i, 24 >> i) for i, width in enumerate(channels)]


def test_finer_levels_are_averaged_and_coarser_ones_interpolated():
    fine, own, coarse = levels(4, 6, 8)
    found = AlignConcat((4, 6, 8), to=1)(fine, own, coarse)
    cells = fine.unfold(2, 2, 2).unfold(3, 2, 2).flatten(-2).mean(-1)
    torch.testing.assert_close(found[:, :4], cells)
    assert torch.equal(found[:, 4:10], own)
    between = found[:, 10:, 1, 1]  # a quarter of the way from place (0, 0) to (1, 1)
    corner = coarse[:, :, :2, :2].flatten(2)
    torch.testing.assert_close(between, corner @ torch.tensor([9.0, 3, 3, 1]) / 16)


@pytest.mark.parametrize(("steps", "shape"), [(0, (8, 12)), (1, (4, 6)), (-1, (16, 24))])
def test_the_whole_gates_the_local_and_is_added(steps, shape):
    block, local, whole = (
        Inject((6, 4), channels=5, steps=steps).eval(),
        torch.rand(2, 6, 8, 12),
        torch.rand(2, 4, *shape),
    )
    gate, embedded = F.hardsigmoid(block.gate(whole)), block.embed(whole)
    if steps == 1:
        gate, embedded = (F.interpolate(x, scale_factor=2, mode="bilinear") for x in (gate, embedded))
    if steps == -1:
        gate, embedded = (F.avg_pool2d(x, 2) for x in (gate, embedded))
    torch.testing.assert_close(block(local, whole), block.local(local) * gate + embedded)
    stride = 16 * 2 if steps == 1 else 16 // 2 if steps == -1 else 16
    assert Inject.out_spec([FeatureSpec(6, 16), FeatureSpec(4, stride)], channels=5, steps=steps) == FeatureSpec(5, 16)


def test_sizes_that_do_not_fit_are_refused():
    specs = [FeatureSpec(4, 8), FeatureSpec(6, 16), FeatureSpec(8, 32)]
    assert AlignConcat.out_spec(specs, to=2) == FeatureSpec(18, 32)
    with pytest.raises(ValueError, match="number of a level, 0 to 2"):
        AlignConcat.out_spec(specs, to=3)
    with pytest.raises(ValueError, match="twice the stride"):
        AlignConcat.out_spec(specs[::2], to=0)
    with pytest.raises(ValueError, match="steps=1"):
        Inject.out_spec([specs[0], specs[2]], channels=4, steps=1)

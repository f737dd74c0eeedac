from __future__ import annotations

import pytest
import torch

from yololab.blocks import BiFPNFusion
from yololab.graph.node import FeatureSpec


def test_shares_are_those_of_the_positive_weights():
    module, parts = BiFPNFusion([4, 4, 4]), [torch.full((1, 4, 2, 2), float(value)) for value in (1, 2, 4)]
    with torch.no_grad():
        module.weight.copy_(torch.tensor([1.0, -5.0, 3.0]))
    torch.testing.assert_close(module(*parts), torch.full((1, 4, 2, 2), 13 / 4), rtol=1e-4, atol=1e-4)


def test_inputs_must_agree():
    assert BiFPNFusion.out_spec([FeatureSpec(8, 16)] * 2) == FeatureSpec(8, 16)
    for inputs in ([FeatureSpec(8, 16), FeatureSpec(8, 8)], [FeatureSpec(8, 16), FeatureSpec(4, 16)], []):
        with pytest.raises(ValueError, match="one size and width"):
            BiFPNFusion.out_spec(inputs)

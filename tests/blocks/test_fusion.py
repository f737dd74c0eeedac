from __future__ import annotations

import pytest
import torch

from yololab.blocks import AdaptiveFusion, BiFPNFusion
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


def test_shares_of_a_place_sum_to_one_whatever_the_weights():
    torch.manual_seed(0)
    module, same = AdaptiveFusion([8, 8, 8]).eval(), torch.rand(2, 8, 4, 6)
    torch.testing.assert_close(module(same, same, same), module.conv(same))


def test_a_feature_that_is_preferred_everywhere_is_all_that_is_left():
    module, parts = AdaptiveFusion([8, 8]).eval(), [torch.rand(1, 8, 3, 3) for _ in range(2)]
    with torch.no_grad():
        module.weigh.bias.copy_(torch.tensor([0.0, 50.0]))
    torch.testing.assert_close(module(*parts), module.conv(parts[1]))


def test_features_of_other_sizes_do_not_meet():
    with pytest.raises(ValueError, match="one size and width"):
        AdaptiveFusion.out_spec([FeatureSpec(8, 16), FeatureSpec(8, 8)])

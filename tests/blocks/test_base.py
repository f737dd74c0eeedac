from __future__ import annotations

import pytest
from torch import nn

from yololab.blocks import Conv
from yololab.blocks.base import Block, Deployable, deploy_children, single
from yololab.graph.node import FeatureSpec


def test_by_default_a_block_yields_its_channels_at_its_stride():
    assert Block.out_spec([FeatureSpec(3, 4)], channels=8, stride=2) == FeatureSpec(8, 8)
    assert Block.out_spec([FeatureSpec(3, 4)], channels=8) == FeatureSpec(8, 4)
    assert Block().remarks() == []


def test_two_inputs_are_refused_by_a_block_of_one():
    with pytest.raises(ValueError, match="expected one input, got 2"):
        single([FeatureSpec(3, 1), FeatureSpec(3, 1)])


class Marked(Deployable):
    def deployed(self):
        return nn.Identity()


def test_deployable_modules_are_replaced_at_any_depth():
    model = nn.Sequential(Marked(), nn.Sequential(nn.ReLU(), Marked()))
    deployed = deploy_children(model)
    assert not [module for module in deployed.modules() if isinstance(module, Marked)]
    assert isinstance(deploy_children(Marked()), nn.Identity)


def test_a_convolution_folds_its_norm_away():
    deployed = deploy_children(Conv(3, channels=8).eval())
    assert not [module for module in deployed.modules() if isinstance(module, nn.BatchNorm2d)]

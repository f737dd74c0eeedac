"""What every block keeps to, as tests for a class of each module; the arguments are those that differ in kind."""

from __future__ import annotations

import torch

from yololab.blocks.base import Block, deploy_children
from yololab.graph.node import FeatureSpec

CHANNELS = 16


class BlockContract:
    """A subclass names its `block` and is parametrised by `args`."""

    block: type[Block]

    def test_out_spec_tells_the_shape(self, args):
        spec = self.block.out_spec([FeatureSpec(CHANNELS, 8)], **args)
        out = self.block(CHANNELS, **args)(torch.rand(2, CHANNELS, 12, 8))
        assert (out.shape[1], 12 * 8 // out.shape[2], 8 * 8 // out.shape[3]) == (spec.width, spec.stride, spec.stride)

    def test_every_parameter_gets_a_gradient(self, args):
        torch.manual_seed(0)
        block = self.block(CHANNELS, **args)
        block(torch.rand(2, CHANNELS, 12, 8, requires_grad=True)).square().sum().backward()
        assert [name for name, p in block.named_parameters() if p.grad is None] == []

    def test_deployed_form_is_equal(self, args):
        torch.manual_seed(0)
        block, x = self.block(CHANNELS, **args), torch.rand(2, CHANNELS, 12, 8)
        for _ in range(3):
            block(torch.rand(4, CHANNELS, 12, 8))
        expected = block.eval()(x)
        torch.testing.assert_close(deploy_children(block)(x), expected, rtol=1e-4, atol=1e-5)

from __future__ import annotations

import torch

from yololab.attention import CAA
from yololab.blocks.context_anchor import ContextAnchor


def test_it_is_the_gate_of_pki_blocks_as_an_attention():
    module, block, x = CAA(8, length=5).eval(), ContextAnchor(8, length=5).eval(), torch.rand(2, 8, 6, 6)
    block.load_state_dict(module.state_dict())
    assert torch.equal(module(x), block(x))

"""CAA: context anchor attention, a gate from averages and long strips (PKINet, arXiv:2403.06258, eq. 5-7)."""

from __future__ import annotations

from yololab.attention.base import Attention
from yololab.blocks.context_anchor import ContextAnchor


class CAA(ContextAnchor, Attention):
    """What stands in PKI blocks, as an attention of its own: `length` (odd) of the strips, 11 in the paper."""

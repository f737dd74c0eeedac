"""Every module of the table names a block and arguments that the block takes."""

from __future__ import annotations

import inspect

import pytest

from yololab.graph.build import resolve_block
from yololab.graph.node import Node
from yololab.index_graph.modules import IN, MODULES, UNUSED


@pytest.mark.parametrize("name", MODULES)
def test_the_block_takes_these_arguments(name):
    module = MODULES[name]
    known = inspect.signature(resolve_block(Node("x", module.block, ())).__init__).parameters
    ours = {key for key in (*module.names, *module.constants) if key not in (IN, UNUSED) and key not in module.only}
    assert ours <= set(known), f"{module.block} takes {', '.join(known)}"
    assert set(module.fixed) <= ours
    if module.takes_repeats:
        assert "repeats" in known

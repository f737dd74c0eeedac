"""Positional arguments of a pasted class by name."""

from __future__ import annotations

import pytest
from torch import nn

from index_graph.yaml_of import with_row
from yololab.config.trust import trusting
from yololab.errors import ConfigError, UntrustedError
from yololab.index_graph.index_rows import Row
from yololab.index_graph.pasted_arguments import pasted_arguments
from yololab.index_graph.translate import translate

HERE = "index_graph.test_pasted_arguments"


class Gate(nn.Module):
    def __init__(self, c1, ratio=8):
        super().__init__()
        self.fc = nn.Conv2d(c1, c1, 1)

    def forward(self, x):
        return x * self.fc(x).sigmoid()


class Nothing(nn.Module):
    def __init__(self):
        super().__init__()


def row(*args):
    return Row(4, (-1,), 1, "Gate", args)


def test_arguments_are_named_and_the_first_counts_channels():
    with trusting(["index_graph"]):
        assert pasted_arguments(f"{HERE}.Gate", row(64, 4)) == {"in_channels": 64, "ratio": 4}
        assert pasted_arguments(f"{HERE}.Gate", row()) == {}
        with pytest.raises(ConfigError, match="takes c1, ratio"):
            pasted_arguments(f"{HERE}.Gate", row(64, 4, 1))
        with pytest.raises(ConfigError, match="takes no argument"):
            pasted_arguments(f"{HERE}.Nothing", row())


def test_nothing_is_imported_that_nobody_named():
    with pytest.raises(UntrustedError):
        pasted_arguments(f"{HERE}.Gate", row(64))


def test_a_mapped_class_stands_in_the_graph():
    graph = with_row(4, [-1, 1, "Gate", [64, 4]])
    with trusting(["index_graph"]):
        imported = translate(graph, {"Gate": f"{HERE}.Gate"})
    node = imported.sections["backbone"]["nodes"]["gate3"]
    assert node == {
        "block": "yololab.attention.Pasted", "from": "down3", "attention": {"_target_": f"{HERE}.Gate", "ratio": 4},
    }  # fmt: skip
    assert imported.written_widths == {"backbone.gate3": 64}

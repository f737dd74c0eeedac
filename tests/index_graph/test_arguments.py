"""Arguments of rows before a block sees them."""

from __future__ import annotations

import pytest

from index_graph.yaml_of import with_row
from yololab.errors import ConfigError
from yololab.index_graph.arguments import activation_of, checked
from yololab.index_graph.translate import translate


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stride", [2, 2]), ("stride", 0), ("stride", 1.5), ("stride", -2), ("stride", float("inf")), ("stride", True),
        ("channels", -64), ("channels", 0), ("channels", 10**9), ("channels", "wide"), ("kernel_size", 3.0),
        ("padding", -1), ("groups", 0), ("splits", [64, "x"]), ("kernel_sizes", [5, [9, 1.5]]),
        ("energy_lambda", 1024), ("energy_lambda", 1),
    ],
)  # fmt: skip
def test_what_is_no_size_is_refused_with_its_row(name, value):
    with pytest.raises(ConfigError, match=r"row 3 \(Conv\): " + name):
        checked("small: row 3 (Conv)", name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("stride", 2), ("padding", 0), ("padding", [0, 1, 0, 1]), ("kernel_sizes", [5, 9, 13]), ("energy_lambda", 1e-4)],
)
def test_sizes_pass(name, value):
    assert checked("x", name, value) == value


def test_activations_have_our_names():
    assert activation_of(True) == "silu"
    assert activation_of("torch.nn.ReLU()") == "relu"
    with pytest.raises(ConfigError, match="not known here"):
        activation_of("nn.LeakyReLU(0.1)")


@pytest.mark.parametrize("row", [[-1, 1, "GAM", [64, 64]], [-1, 1, "SE", [64, 64]]])
def test_a_width_that_is_written_twice_is_no_other_argument(row):
    node = list(translate(with_row(4, row)).sections["backbone"]["nodes"].values())[-1]
    assert set(node) == {"block", "from"}

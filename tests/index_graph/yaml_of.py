"""Index graphs of these tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from yololab.index_graph.index_rows import IndexGraph, read

TUTORIALS = Path(__file__).parents[2] / "docs" / "tutorial_yaml"

SMALL = """
nc: 80
scales: {n: [0.33, 0.25, 1024], s: [0.33, 0.5, 1024]}
backbone:
  - [-1, 1, Conv, [64, 3, 2]]
  - [-1, 1, Conv, [128, 3, 2]]
  - [-1, 3, C2f, [128, True]]
  - [-1, 1, Conv, [256, 3, 2]]
  - [-1, 3, C2f, [256, True]]
head:
  - [-1, 1, nn.Upsample, [None, 2, nearest]]
  - [[-1, 2], 1, Concat, [1]]
  - [-1, 3, C2f, [128]]
  - [[7, 4], 1, Detect, [nc]]
"""


def content_of(text: str = SMALL) -> dict[str, Any]:
    return yaml.safe_load(text)


def graph_with(**changes: Any) -> IndexGraph:
    """The small graph with other keys."""
    return read("small", {**content_of(), **changes})


def with_row(index: int, row: list[Any]) -> IndexGraph:
    """The small graph with another row."""
    content = content_of()
    section, place = ("backbone", index) if index < 5 else ("head", index - 5)
    content[section][place] = row
    return read("small", content)

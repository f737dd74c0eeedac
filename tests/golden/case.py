"""One golden case: its arrays by place, and comparison within its tolerance."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from golden.arguments import Arguments


class Case:
    """A row of cases.json with its npz file."""

    def __init__(self, folder: Path, content: dict[str, Any]) -> None:
        self.folder, self.content = folder, content
        self.id: str = content["id"]
        self.args: dict[str, Any] = content["args"]
        self.tolerance: dict[str, Any] = content["tolerance"]

    @property
    def kind(self) -> str:
        return self.content.get("kind") or self.content["topic"]

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        with np.load(self.folder / self.content["file"]) as loaded:
            return {key: loaded[key] for key in loaded.files}

    def arguments(self, owner: str | None = None) -> Arguments:
        """The case's arguments, of which none may be left over."""
        return Arguments(f"case {self.id}: {owner or self.kind}", self.args)

    def only_mode(self, mode: str) -> None:
        """Refuse a case recorded in another mode of the module."""
        if self.content.get("mode", mode) != mode:
            pytest.fail(f"case {self.id}: mode {self.content['mode']!r} is not supported, only {mode!r}")

    def only_tensors(self, *groups: str) -> None:
        """Refuse stored tensors of a group that the adapter does not compare."""
        for key in self.arrays:
            if key.partition("/")[0] not in groups:
                pytest.fail(f"case {self.id}: tensor {key!r} is not compared; the adapter knows {', '.join(groups)}")

    def index(self) -> Any:
        """The whole of the JSON file that the case names."""
        return json.loads((self.folder / self.content["file"]).read_text())

    def order(self) -> dict[str, Any]:
        if "order_file" in self.content:
            return json.loads((self.folder / self.content["order_file"]).read_text())
        return {k: json.loads(v) if isinstance(v, str) else v for k, v in self.content.items() if k.endswith("order")}

    def tensor(self, key: str) -> Tensor:
        array = self.arrays[key]
        return torch.from_numpy(array.astype(np.float32) if array.dtype == np.float16 else array)

    def group(self, prefix: str) -> dict[str, Tensor]:
        """Tensors below `prefix`, their keys without it."""
        return {key[len(prefix) + 1 :]: self.tensor(key) for key in self.arrays if key.startswith(f"{prefix}/")}

    def numbered(self, prefix: str) -> list[Tensor]:
        """prefix0, prefix1, ... as far as they go."""
        found = []
        while f"{prefix}{len(found)}" in self.arrays:
            found.append(self.tensor(f"{prefix}{len(found)}"))
        return found


def assert_close(got: Tensor, want: Tensor, tolerance: dict[str, float], what: str) -> None:
    """|got - want| <= atol + rtol * |want|, everywhere."""
    assert got.shape == want.shape, f"{what}: shape {tuple(got.shape)}, expected {tuple(want.shape)}"
    got, want = got.double(), want.double()
    difference = (got - want).abs()
    excess = difference - (tolerance.get("atol", 0) + tolerance.get("rtol", 0) * want.abs())
    worst = float(excess.max()) if excess.numel() else 0.0
    assert not torch.isnan(excess).any(), f"{what}: not a number"
    assert worst <= 0, f"{what}: off by up to {float(difference.max()):.3g}, tolerance {tolerance}"

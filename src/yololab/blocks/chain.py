"""Chain: a block that has no repeats of its own, several times in a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from yololab.blocks.base import Block
from yololab.config.target import find_class
from yololab.errors import ConfigError
from yololab.graph.node import FeatureSpec


class Chain(Block):
    """`repeats` blocks of the kind `of`, all with the same further arguments; they must keep channels and stride."""

    def __init__(self, in_channels: int, *, of: str, repeats: int = 1, **args: Any) -> None:
        super().__init__()
        for index in range(repeats):
            self.add_module(str(index), _block(of)(in_channels, **args))

    @property
    def blocks(self) -> list[nn.Module]:
        """In their order."""
        return list(self.children())

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """What a single block of the chain yields. ValueError where several do not fit behind each other."""
        rest = {key: value for key, value in args.items() if key not in ("of", "repeats")}
        found = _block(args["of"]).out_spec(inputs, **rest)
        if args.get("repeats", 1) > 1 and found != inputs[0]:
            raise ValueError(f"{args['of']} makes {found} of {inputs[0]}: only what keeps both can follow itself")
        return found

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> what the last block yields."""
        for block in self.children():
            x = block(x)
        return x


def _block(name: str) -> type[Block]:
    try:
        return find_class(f"yololab.blocks.{name}", Block)
    except ConfigError as error:
        raise ValueError(f"of={name}: there is no such block: {error}") from error

"""Any backbone of timm that yields features at strides 4, 8, 16 and 32, as two kinds of nodes: features and levels.

timm (R. Wightman, PyTorch Image Models, doi:10.5281/zenodo.4414861) is an extra: pip install 'yololab[timm]'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor, nn

from yololab.blocks.base import Block, single
from yololab.errors import did_you_mean
from yololab.graph.node import FeatureSpec

STRIDES = (4, 8, 16, 32)
PROBED = 96
"""Pixels of the picture, of no memory, that a backbone must take: no power of two, which some ask for"""


class TimmFeatures(Block):
    """timm's model `model_name` up to its last feature map, untrained, at its own width: the scale does not touch it.

    It sees pictures as its pretrained weights do, with the mean and deviation that timm names for them.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, in_channels: int, *, model_name: str) -> None:
        super().__init__()
        self.model_name = model_name
        places, _ = _features(model_name)
        self.net = _create(model_name, out_indices=places)
        for kind, default in (("mean", 0.0), ("std", 1.0)):
            values = torch.tensor(_pretrained(model_name, kind) or (default,) * in_channels)
            self.register_buffer(kind, values[:, None, None], persistent=False)

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """Widths of the maps at strides 4 to 32. ValueError for a name or a model that does not fit."""
        source = single(inputs)
        if source.stride != 1:
            raise ValueError("expected the image; timm's models begin with it")
        return FeatureSpec(_features(args["model_name"])[1], STRIDES[0])

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """(B, 3, H, W) -> (B, C, H / stride, W / stride) for each of the strides 4, 8, 16, 32."""
        return tuple(self.net((x - self.mean) / self.std))

    def checkpoint_places(self) -> Mapping[str, str]:
        """Where timm's own files keep what stands here: {"stages.0": "net.stages_0", "stem": "net.stem"}."""
        with torch.device("meta"):
            paths = {path.replace(".", "_"): path for path, _ in _whole(self.model_name).named_modules() if path}
        names = {name.partition(".")[0] for name in self.net.state_dict()}
        return {paths.get(name, name): f"net.{name}" for name in names}


class TimmLevel(Block):
    """One of the maps of TimmFeatures: `index` 0 for stride 4 to 3 for stride 32."""

    def __init__(self, in_channels: tuple[int, ...], *, index: int) -> None:
        super().__init__()
        self.index = index

    @classmethod
    def out_spec(cls, inputs: Sequence[FeatureSpec], **args: Any) -> FeatureSpec:
        """The width of that map, at its stride."""
        widths = single(inputs).channels
        if not isinstance(widths, tuple):
            raise ValueError("expected the maps of TimmFeatures")
        return FeatureSpec(widths[args["index"]], STRIDES[args["index"]])

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """The map of that index."""
        return maps[self.index]


@lru_cache(maxsize=64)
def _features(name: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Which of a model's feature maps have STRIDES, and their widths; ValueError where it has no such maps."""
    with torch.device("meta"):
        info: Any = _create(name).feature_info
        strides, widths = list(info.reduction()), list(info.channels())
        missing = [stride for stride in STRIDES if stride not in strides]
        if missing:
            raise ValueError(
                f"timm's {name} has features at strides {strides}, none at {missing}; a detector needs them"
            )
        places = tuple(len(strides) - 1 - strides[::-1].index(stride) for stride in STRIDES)
        _probe(name, _create(name, out_indices=places))
    return places, tuple(widths[place] for place in places)


def _probe(name: str, net: nn.Module) -> None:
    found = []
    try:
        maps = net.eval()(torch.empty(1, 3, PROBED, PROBED))
        found = [tuple(each.shape[2:]) for each in maps]
    except (RuntimeError, AssertionError, ValueError) as error:
        raise ValueError(f"timm's {name} does not take pictures of any size: {error}") from error
    if found != [(PROBED // stride, PROBED // stride) for stride in STRIDES]:
        wanted = [PROBED // stride for stride in STRIDES]
        raise ValueError(f"timm's {name} yields maps of {found} for {PROBED} pixels, expected sides of {wanted}")


def _pretrained(name: str, key: str) -> Any:
    import timm

    return timm.get_pretrained_cfg_value(name, key)


def _whole(name: str) -> nn.Module:
    import timm

    return timm.create_model(name, pretrained=False)


def _create(name: str, **options: Any) -> nn.Module:
    try:
        import timm
    except ImportError as error:
        raise ValueError("needs timm: pip install 'yololab[timm]'") from error
    known = timm.list_models(include_tags=False)
    if name not in known:
        raise ValueError(f"timm has no model {name!r}{did_you_mean(name, known)}")
    try:
        return timm.create_model(name, pretrained=False, features_only=True, **options)
    except (RuntimeError, AssertionError, NotImplementedError, AttributeError) as error:
        raise ValueError(f"timm's {name} yields no features: {error}") from error

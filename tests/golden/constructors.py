"""The reference's constructors as tables: which argument is ours by which name, which one changes nothing and why."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from torch import nn

from golden.arguments import Arguments
from yololab import attention, blocks, heads
from yololab.attention.cbam import ChannelGate, SpatialGate
from yololab.blocks.area_attention import AreaAttention, AreaBlock
from yololab.blocks.cib import RepVGGDW
from yololab.blocks.psa import PixelAttention, PSABlock
from yololab.blocks.rep_ncsp import RepBottleneck
from yololab.heads.dfl import DFL
from yololab.heads.prototypes import FusedProto, Proto

IN = "in_channels"
ANY_WIDTH = 1
"""For modules that do not depend on it"""


@dataclass(frozen=True)
class Constructor:
    """Builds our module from the arguments of a reference's constructor, `names` being in its order."""

    block: Callable[..., nn.Module]
    names: Mapping[str, str]
    """reference's argument -> ours"""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """the reference's, by its names, where ours are others"""
    values: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    """how to say a value, by the reference's names"""
    only: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    """values that ours stands for; others are refused"""
    meaningless: Mapping[str, str] = field(default_factory=dict)
    """arguments without effect in the reference, or on what is compared -> reason"""

    def __call__(self, arguments: Arguments) -> nn.Module:
        arguments.set_aside(**self.meaningless)
        for name, allowed in self.only.items():
            arguments.only(name, *allowed)
        ours = self.translated({name: arguments.take(name) for name in self.names if name in arguments}, arguments)
        arguments.refuse_others()
        try:
            return self.block(**ours)
        except (TypeError, ValueError) as error:
            arguments.fail(f"cannot be built from {arguments.given}: {error}")

    def translated(self, given: Mapping[str, Any], arguments: Arguments) -> dict[str, Any]:
        """Our arguments for the reference's."""
        ours = {}
        for name, value in {**self.defaults, **given}.items():
            say = self.values.get(name) or VALUES.get(self.names[name])
            try:
                ours[self.names[name]] = say(value) if say else value
            except ValueError as error:
                arguments.fail(f"argument {name}={value!r} is not supported: {error}")
        return ours


ACTIVATIONS = {"silu": "silu", "relu": "relu", "hardswish": "hardswish", "identity": "identity"}


def activation_name(value: Any) -> str:
    """True is the reference's default, SiLU; False and None are none; a module is known by its name."""
    if value in (True, False, None):
        return "silu" if value else "identity"
    named = re.fullmatch(r"(?:torch\.)?(?:nn\.)?(\w+?)(?:\((?:inplace=\w+)?\))?", str(value))
    if named is None or named[1].lower() not in ACTIVATIONS:
        raise ValueError(f"known are True, False and {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[named[1].lower()]


def square(value: Any) -> Any:
    """3 for 3 and for (3, 3)."""
    if not isinstance(value, list | tuple):
        return value
    if len(set(value)) != 1:
        raise ValueError("height and width must be equal")
    return value[0]


def pair(value: Any) -> tuple[int, int]:
    """Kernel sizes of two convolutions; each may be written as (3, 3)."""
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError("expected the kernels of two convolutions")
    return square(value[0]), square(value[1])


def fusion(value: Any) -> str:
    """("channel_add",) and the like, by our names."""
    found = {str(name).removeprefix("channel_") for name in ([value] if isinstance(value, str) else value)}
    return "both" if found == {"add", "mul"} else found.pop()


def _first_kernel(value: Any) -> int:
    return pair(value)[0]


def _second_kernel(value: Any) -> int:
    first, second = pair(value)
    if first != 3:
        raise ValueError("the first convolution is a RepConvN, which is 3x3")
    return second


VALUES: dict[str, Callable[[Any], Any]] = {
    "activation": activation_name,
    "kernel_sizes": pair,
    **dict.fromkeys(("kernel_size", "cheap_kernel_size", "stride", "padding", "dilation"), square),
}
"""How to say a value, by our names."""

FORM = "writes in place or not; the numbers are the same"
REPLACED = "belongs to a convolution that the module replaces"
GHOSTS = {"g": "ghost modules have no groups", "shortcut": "ghost modules have no residual (NOTES.md, S2.5)"}

WIDTHS = {"c1": IN, "c2": "channels"}
CONV = {
    **WIDTHS,
    "k": "kernel_size",
    "s": "stride",
    "p": "padding",
    "g": "groups",
    "d": "dilation",
    "act": "activation",
}
STAGE = {**WIDTHS, "n": "repeats", "shortcut": "shortcut", "g": "groups", "e": "expansion"}
BOTTLENECK = {**WIDTHS, "shortcut": "shortcut", "g": "groups", "k": "kernel_sizes", "e": "expansion"}
SPP_ELAN = {**WIDTHS, "c3": "hidden"}
V6_WIDTHS = {"in_channels": IN, "out_channels": "channels"}
HEAD = {"nc": "num_classes", "ch": IN, "stride": "strides", "reg_max": "reg_max"}


def _without(names: Mapping[str, str], *left_out: str) -> dict[str, str]:
    return {name: ours for name, ours in names.items() if name not in left_out}


def _head(block: Callable[..., nn.Module]) -> Callable[..., nn.Module]:
    """Strides are given once for all branches, 8, 16 and 32 where they are not."""

    def make(in_channels: list[int], *, strides: Any = (8, 16, 32), **named: Any) -> nn.Module:
        branches, rest = divmod(len(in_channels), len(strides))
        if rest:
            raise ValueError(f"{len(in_channels)} features do not go with strides {list(strides)}")
        return block(in_channels, strides=list(strides) * branches, **named)

    return make


def _twice(two: Callable[..., nn.Module], one: Callable[..., nn.Module]) -> Callable[..., nn.Module]:
    """Heads since YOLO11, with a one-to-one branch or without."""

    def make(in_channels: list[int], *, end2end: bool = False, **named: Any) -> nn.Module:
        make_one = _head(two) if end2end else _head(partial(one, light_classes=True))
        return make_one(in_channels, **named)

    return make


def _depthwise(in_channels: int, *, channels: int, **named: Any) -> nn.Module:
    return blocks.Conv(in_channels, channels=channels, groups=math.gcd(in_channels, channels), **named)


def _same_width(block: Callable[..., nn.Module], name: str) -> Callable[..., nn.Module]:
    """Of a reference that asks for the width twice, the second time as `name`."""

    def make(in_channels: int, *, out_channels: int | None = None, **named: Any) -> nn.Module:
        if out_channels not in (None, in_channels):
            raise ValueError(f"the attention keeps its {in_channels} channels, {name}={out_channels} does not")
        return block(in_channels, **named)

    return make


def _dynamic_stage(block: Callable[..., nn.Module], **meaningless: str) -> Constructor:
    # The tutorial's C3 variants default to no residual, upstream's own C3 to one.
    defaults = {} if "shortcut" in meaningless else {"shortcut": False}
    return Constructor(block, _without(STAGE, *meaningless), defaults, meaningless=meaningless)


MAKERS: dict[str, Constructor] = {
    "GAM": Constructor(attention.GAM, {"in_channels": IN, "rate": "rate"}),
    "CBAM": Constructor(attention.CBAM, {"c1": IN, "kernel_size": "kernel_size"}),
    "CoordAtt": Constructor(
        _same_width(attention.CoordAtt, "oup"), {"inp": IN, "oup": "out_channels", "reduction": "reduction"}
    ),
    "ECA": Constructor(attention.ECA, {"channel": IN, "k_size": "kernel_size"}),
    "TripletAttention": Constructor(
        partial(attention.TripletAttention, ANY_WIDTH),
        {"no_spatial": "spatial", "kernel_size": "kernel_size"},
        values={"no_spatial": lambda value: not value},
    ),
    "LSKA": Constructor(attention.LSKA, {"dim": IN, "k_size": "kernel_size"}, {"k_size": 7}),
    "LSKblock": Constructor(attention.LSK, {"dim": IN}),
    "ELA": Constructor(
        attention.ELA,
        {"channel": IN, "kernel_size": "kernel_size", "groups": "groups", "num_groups": "num_groups"},
    ),
    "ELA(1x1)": Constructor(attention.PointwiseELA, {"channels": IN, "num_groups": "num_groups"}),
    "MLCA": Constructor(
        attention.MLCA,
        {"in_size": IN, "local_size": "local_size", "gamma": "gamma", "b": "offset", "local_weight": "local_weight"},
    ),
    "ParNetAttention": Constructor(attention.ParNetAttention, {"channel": IN}),
    "NAM": Constructor(attention.NAM, {"channels": IN}, only={"no_spatial": (True,)}, meaningless={"shape": FORM}),
    "GC": Constructor(
        attention.GC,
        {"inplanes": IN, "ratio": "ratio", "fusion_types": "fusion"},
        values={"fusion_types": fusion},
        only={"pooling_type": ("att",)},
    ),
    "SK": Constructor(
        attention.SK,
        {"channel": IN, "kernels": "kernel_sizes", "reduction": "reduction", "group": "groups", "L": "least"},
    ),
    "ShuffleAttention": Constructor(attention.ShuffleAttention, {"channel": IN, "groups": "groups"}, {"groups": 64}),
    "CPCA": Constructor(
        _same_width(attention.CPCA, "out_channels"),
        {"in_channels": IN, "out_channels": "out_channels", "channelAttention_reduce": "reduction"},
    ),
    "Conv": Constructor(blocks.Conv, CONV),
    "RepConvN": Constructor(
        blocks.RepConv,
        _without(CONV, "k", "p", "d"),
        only={"k": (3,), "p": (1,), "bn": (False,), "deploy": (False,)},
        meaningless={"d": "the reference's convolutions never receive it"},
    ),
    "RepNBottleneck": Constructor(RepBottleneck, {**BOTTLENECK, "k": "kernel_size"}, values={"k": _second_kernel}),
    "RepNCSP": Constructor(blocks.RepNCSP, STAGE),
    "RepNCSPELAN4": Constructor(blocks.RepNCSPELAN, {**SPP_ELAN, "c4": "inner", "c5": "repeats"}),
    "SPPELAN": Constructor(blocks.SPPELAN, SPP_ELAN),
    "ADown": Constructor(blocks.ADown, WIDTHS),
    "AConv": Constructor(blocks.AConv, WIDTHS),
    "ELAN1": Constructor(blocks.ELAN, {**SPP_ELAN, "c4": "inner"}),
    "CBLinear": Constructor(
        blocks.CBLinear,
        {"c1": IN, "c2s": "splits", "k": "kernel_size", "s": "stride", "p": "padding", "g": "groups"},
    ),
    "CBFuse": Constructor(
        partial(blocks.CBFuse, ()),
        {"idx": "indices"},
        meaningless={"splits": "how many inputs are stored; they are read by it"},
    ),
    "DFL": Constructor(DFL, {"c1": "num_bins"}, {"c1": 16}),
    "DDetect": Constructor(_head(heads.DDetect), HEAD, {"nc": 80}, meaningless={"inplace": FORM}),
    "DualDDetect": Constructor(_head(heads.DualDDetect), HEAD, {"nc": 80}, meaningless={"inplace": FORM}),
    "Detect": Constructor(_head(heads.Detect), HEAD, {"nc": 80}),
    "Detect(yolo11)": Constructor(_head(partial(heads.Detect, light_classes=True)), HEAD, {"nc": 80}),
    "Segment": Constructor(
        _head(heads.Segment), {**HEAD, "nm": "num_prototypes", "npr": "prototype_channels"}, {"nc": 80}
    ),
    "EffiDeHead": Constructor(
        _head(heads.EffiDe),
        {"nc": "num_classes", "ch": IN, "stride": "strides"},
        {"nc": 80},
        only={"anchors": (1,), "num_layers": (3,)},
        meaningless={"inplace": FORM},
    ),
    "DynamicConv": Constructor(blocks.DynamicConv, {**CONV, "num_experts": "num_experts"}),
    "GhostModule": Constructor(
        blocks.GhostDynamic,
        {
            "inp": IN,
            "oup": "channels",
            "kernel_size": "kernel_size",
            "ratio": "ratio",
            "dw_size": "cheap_kernel_size",
            "stride": "stride",
            "num_experts": "num_experts",
        },
        meaningless={"act_layer": "the reference never reads it (NOTES.md, S2.5)"},
    ),
    "Bottleneck": Constructor(blocks.Bottleneck, BOTTLENECK),
    "Bottleneck_DynamicConv": Constructor(
        blocks.DynamicBottleneck,
        {**WIDTHS, "shortcut": "shortcut", "k": "kernel_size"},
        values={"k": _first_kernel},
        only={"e": (1.0,)},  # the reference cannot run with another (NOTES.md, S2.6)
        meaningless={"g": REPLACED},
    ),
    "C2f": Constructor(blocks.C2f, STAGE),
    "C2f_DynamicConv": _dynamic_stage(blocks.C2fDynamic, g=REPLACED),
    "C2f_GhostDynamicConv": _dynamic_stage(blocks.C2fGhostDynamic, **GHOSTS),
    "C3": Constructor(blocks.C3, STAGE),
    "C3_DynamicConv": _dynamic_stage(blocks.C3Dynamic, g=REPLACED),
    "C3_GhostDynamicConv": _dynamic_stage(blocks.C3GhostDynamic, **GHOSTS),
    "SPPF": Constructor(blocks.SPPF, {**WIDTHS, "k": "kernel_size"}),
    "Proto26": Constructor(
        FusedProto,
        {"ch": IN, "c_": "hidden", "c2": "num_prototypes", "nc": "num_classes"},
        {"c_": 256, "c2": 32, "nc": 80},
    ),
    "v10Detect": Constructor(_head(heads.OneToOneDetect), HEAD, {"nc": 80}),
    "Detect(yolo26)": Constructor(
        _twice(heads.OneToOneDetect, heads.Detect), {**HEAD, "end2end": "end2end"}, {"nc": 80, "end2end": False}
    ),
    "Segment26": Constructor(
        _twice(heads.OneToOneSegment, partial(heads.Segment, fused_prototypes=True)),
        {**HEAD, "nm": "num_prototypes", "npr": "prototype_channels", "end2end": "end2end"},
        {"nc": 80, "end2end": False},
    ),
    "Segment(yolo11)": Constructor(
        _head(partial(heads.Segment, light_classes=True)),
        {**HEAD, "nm": "num_prototypes", "npr": "prototype_channels"},
        {"nc": 80},
    ),
    "C3x": Constructor(blocks.C3x, STAGE),
    "Proto": Constructor(Proto, {"c1": IN, "c_": "hidden", "c2": "num_prototypes"}, {"c_": 256, "c2": 32}),
    "RepVGGBlock": Constructor(
        blocks.RepVGG,
        {**V6_WIDTHS, "stride": "stride", "groups": "groups"},
        only={"kernel_size": (3,), "padding": (1,), "deploy": (False,), "use_se": (False,)},
        meaningless={
            "dilation": "only a block that is built deployed reads it",
            "padding_mode": "only a block that is built deployed reads it",
        },
    ),
    "RepBlock": Constructor(blocks.RepBlock, {**V6_WIDTHS, "n": "repeats"}, only={"block": ("RepVGGBlock",)}),
    "SimSPPF": Constructor(partial(blocks.SPPF, activation="relu"), {**V6_WIDTHS, "kernel_size": "kernel_size"}),
    "SimConv": Constructor(
        partial(blocks.Conv, activation="relu"),
        {**V6_WIDTHS, "kernel_size": "kernel_size", "stride": "stride", "groups": "groups", "bias": "bias"},
    ),
    "Transpose": Constructor(
        blocks.TransposedUpsample, {**V6_WIDTHS, "kernel_size": "kernel_size", "stride": "stride"}
    ),
    "ChannelAttention": Constructor(ChannelGate, {"channels": IN}),
    "SpatialAttention": Constructor(
        partial(SpatialGate, ANY_WIDTH), {"kernel_size": "kernel_size"}, {"kernel_size": 7}
    ),
    "C3k": Constructor(blocks.C3k, {**STAGE, "k": "kernel_size"}),
    "C3k2": Constructor(blocks.C3k2, {**STAGE, "c3k": "c3k", "attn": "attention"}),
    "PSABlock": Constructor(
        PSABlock,
        {"c": "channels", "attn_ratio": "key_ratio", "num_heads": "num_heads", "shortcut": "shortcut"},
        {"num_heads": 4},
    ),
    "Attention": Constructor(PixelAttention, {"dim": "channels", "num_heads": "num_heads", "attn_ratio": "key_ratio"}),
    "C2PSA": Constructor(blocks.C2PSA, {**WIDTHS, "n": "repeats", "e": "expansion"}),
    "C2fPSA": Constructor(blocks.C2fPSA, {**WIDTHS, "n": "repeats", "e": "expansion"}),
    "PSA": Constructor(blocks.PSA, {**WIDTHS, "e": "expansion"}),
    "SCDown": Constructor(blocks.SCDown, {**WIDTHS, "k": "kernel_size", "s": "stride"}),
    "RepVGGDW": Constructor(RepVGGDW, {"ed": "channels"}),
    "CIB": Constructor(blocks.CIB, {**WIDTHS, "shortcut": "shortcut", "e": "expansion", "lk": "large_kernel"}),
    "C2fCIB": Constructor(
        blocks.C2fCIB,
        {**_without(STAGE, "g"), "lk": "large_kernel"},
        meaningless={"g": "CIB has no groups of its own"},
    ),
    "AAttn": Constructor(AreaAttention, {"dim": "channels", "num_heads": "num_heads", "area": "area"}),
    "ABlock": Constructor(
        AreaBlock, {"dim": "channels", "num_heads": "num_heads", "mlp_ratio": "mlp_ratio", "area": "area"}
    ),
    "A2C2f": Constructor(
        blocks.A2C2f,
        {**STAGE, "a2": "attention", "area": "area", "residual": "residual", "mlp_ratio": "mlp_ratio"},
        values={"area": lambda value: max(value, 1)},
    ),
    "C2": Constructor(blocks.C2, STAGE),
    "GhostConv": Constructor(blocks.GhostConv, _without(CONV, "p", "d")),
    "GhostBottleneck": Constructor(blocks.GhostBottleneck, {**WIDTHS, "k": "kernel_size", "s": "stride"}),
    "C3Ghost": Constructor(
        blocks.C3Ghost,
        {**WIDTHS, "n": "repeats", "e": "expansion"},
        meaningless={"shortcut": "a ghost bottleneck always adds", "g": "and has no groups"},
    ),
    "SPP": Constructor(blocks.SPP, {**WIDTHS, "k": "kernel_sizes"}),
    "SPPF(yolo26)": Constructor(
        partial(blocks.SPPF, first_activation="identity"),
        {**WIDTHS, "k": "kernel_size", "n": "pools", "shortcut": "shortcut"},
    ),
    "DWConv": Constructor(_depthwise, _without(CONV, "p", "g")),
    "RepConv": Constructor(
        blocks.RepConv,
        _without(CONV, "k", "p", "d"),
        only={"k": (3,), "p": (1,), "bn": (False,), "deploy": (False,)},
        meaningless={"d": "the reference's convolutions never receive it"},
    ),
    "RepC3": Constructor(blocks.RepC3, {**WIDTHS, "n": "repeats", "e": "expansion"}),
    "CARAFE": Constructor(
        blocks.CARAFE,
        {"c": IN, "c_mid": "hidden", "k_enc": "encoder", "k_up": "reach", "scale": "factor"},
    ),
    "CARAFE(bn)": Constructor(
        partial(blocks.CARAFE, norm=True),
        {"c": IN, "c_mid": "hidden", "k_enc": "encoder", "k_up": "reach", "scale": "factor"},
    ),
    "DySample": Constructor(
        blocks.DySample,
        {"in_channels": IN, "scale": "factor", "style": "style", "groups": "groups", "dyscope": "scope"},
    ),
    "SPDConv": Constructor(blocks.SPDConv, {**WIDTHS, "k": "kernel_size"}),
    "RFAConv": Constructor(
        blocks.RFAConv,
        {"in_channel": IN, "out_channel": "channels", "kernel_size": "kernel_size", "stride": "stride"},
    ),
    "BiFPNFusion": Constructor(
        blocks.BiFPNFusion, {"inputs": IN, "eps": "eps"}, values={"inputs": lambda count: [1] * count}
    ),
}

"""What the modules of index graphs are here: block, names of their arguments in order, what scaling leaves alone.

Facts of ultralytics 8.4.190 and YOLOv9: which modules take the number of repeats themselves, which widths are scaled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CHANNELS = "channels"
IN = "in_channels"
"""A width that an index graph writes although it is that of the input: checked, and left to the graph"""
UNUSED = ""
"""An argument that changes nothing in the module"""


@dataclass(frozen=True)
class Module:
    """One module of an index graph as a block of ours."""

    block: str
    names: tuple[str, ...] = ()
    """Ours, in the order of its arguments"""
    takes_repeats: bool = False
    """Else several stand in a row"""
    fixed: tuple[str, ...] = ()
    """Arguments that scaling would change and an index graph does not"""
    constants: Mapping[str, Any] = field(default_factory=dict)
    only: Mapping[str, Any] = field(default_factory=dict)
    """The one value that an argument may have, which ours stands for"""
    has_own_repeats: bool = False
    """An argument says how often; several in a row cannot be said beside it"""
    role: str = "other"
    """stage | down | up | join | pool | psa | attention | other: what a node is called by"""
    note: str = ""
    """What a reader should know of the translation"""


_CONV = (CHANNELS, "kernel_size", "stride", "padding", "groups", "dilation", "activation")
_STAGE = (CHANNELS, "shortcut", "groups", "expansion")


def _stage(block: str, *names: str, **options: Any) -> Module:
    return Module(block, (CHANNELS, *names), takes_repeats=True, role="stage", **options)


def _attention(block: str, *names: str, note: str = "") -> Module:
    return Module(f"yololab.attention.{block}", names, role="attention", note=note)


MODULES: dict[str, Module] = {
    "Conv": Module("Conv", _CONV),
    "DWConv": Module("Conv", (CHANNELS, "kernel_size", "stride", "dilation", "activation"), constants={"groups": None}),
    "GhostConv": Module("GhostConv", (CHANNELS, "kernel_size", "stride", "groups", "activation")),
    "GSConv": Module("GSConv", (IN, CHANNELS, "kernel_size", "stride"), fixed=(CHANNELS,)),
    "VoVGSCSP": Module(
        "VoVGSCSP", (IN, CHANNELS, "repeats"), fixed=(CHANNELS, "repeats"), has_own_repeats=True, role="stage"
    ),
    "RFAConv": Module("RFAConv", (IN, CHANNELS, "kernel_size", "stride"), fixed=(CHANNELS,)),
    "RepConv": Module(
        "RepConv", (IN, CHANNELS, UNUSED, "stride", UNUSED, "groups", UNUSED, "activation"), fixed=(CHANNELS,)
    ),
    "RepVGGDW": Module("RepVGGDW", (IN,)),
    "CIB": Module("CIB", (IN, CHANNELS, "shortcut", "expansion", "large_kernel"), fixed=(CHANNELS,), role="stage"),
    "Attention": Module("PixelAttention", (IN, "num_heads", "key_ratio"), role="psa"),
    "Bottleneck": Module("Bottleneck", (CHANNELS, "shortcut", "groups", "kernel_sizes", "expansion"), role="stage"),
    "C1": _stage("C1"),
    "C2": _stage("C2", *_STAGE[1:]),
    "C2f": _stage("C2f", *_STAGE[1:]),
    "C3": _stage("C3", *_STAGE[1:]),
    "C3x": _stage("C3x", *_STAGE[1:]),
    "C3Ghost": _stage("C3Ghost", UNUSED, UNUSED, "expansion"),
    "C3k2": _stage("C3k2", "c3k", "expansion", "attention", "groups", "shortcut"),
    "A2C2f": _stage("A2C2f", "attention", "area", "residual", "mlp_ratio", "expansion", "groups", "shortcut"),
    "C2fCIB": _stage("C2fCIB", "shortcut", "large_kernel", UNUSED, "expansion"),
    "C2fPSA": _stage("C2fPSA", "expansion"),
    "C2PSA": Module("C2PSA", (CHANNELS, "expansion"), takes_repeats=True, role="psa"),
    "PSA": Module("PSA", (CHANNELS, "expansion"), role="psa"),
    "RepC3": _stage("RepC3", "expansion"),
    "RepNCSPELAN4": Module(
        "RepNCSPELAN",
        (CHANNELS, "hidden", "inner", "repeats"),
        fixed=("hidden", "inner", "repeats"),
        has_own_repeats=True,
        role="stage",
    ),
    "ELAN1": Module("ELAN", (CHANNELS, "hidden", "inner"), fixed=("hidden", "inner"), role="stage"),
    "SPPELAN": Module("SPPELAN", (CHANNELS, "hidden", "kernel_size"), fixed=("hidden",), role="pool"),
    "SPP": Module("SPP", (CHANNELS, "kernel_sizes"), role="pool"),
    "SPPF": Module("SPPF", (CHANNELS, "kernel_size", "pools", "shortcut"), role="pool"),
    "SCDown": Module("SCDown", (CHANNELS, "kernel_size", "stride"), role="down"),
    "ADown": Module("ADown", (CHANNELS,), role="down"),
    "AConv": Module("AConv", (CHANNELS,), role="down"),
    "SPDConv": Module("SPDConv", (CHANNELS, "kernel_size"), fixed=(CHANNELS,), role="down"),
    "CBLinear": Module("CBLinear", ("splits", "kernel_size", "stride", "padding", "groups"), fixed=("splits",)),
    "CBFuse": Module("CBFuse", ("indices",), role="join"),
    "Concat": Module("Concat", ("axis",), only={"axis": 1}, role="join"),
    "nn.Upsample": Module("Upsample", ("size", "factor", "mode"), only={"size": None, "mode": "nearest"}, role="up"),
    "nn.ConvTranspose2d": Module(
        "TransposedUpsample", (CHANNELS, "kernel_size", "stride", "padding"), only={"padding": 0}, role="up"
    ),
    "nn.MaxPool2d": Module("MaxPool", ("kernel_size", "stride", "padding"), role="down"),
    "nn.ZeroPad2d": Module("ZeroPad", ("padding",)),
    "CARAFE": Module("CARAFE", (IN, "hidden", "encoder", "reach", "factor"), fixed=("hidden",), role="up"),
    "DySample": Module("DySample", (IN, "factor", "style", "groups"), role="up"),
    "ChannelAttention": _attention("ChannelGate", IN),
    "SpatialAttention": _attention("SpatialGate", "kernel_size"),
    "CBAM": _attention("CBAM", IN, "kernel_size", note="taken for the CBAM that tutorials paste: attention=cbam"),
    "SE": _attention("SE", IN, "reduction"),
    "SEAttention": _attention("SE", IN, "reduction"),
    "SELayer": _attention("SE", IN, "reduction"),
    "ECA": _attention("ECA", IN, "kernel_size"),
    "ECAAttention": _attention("ECA", "kernel_size"),
    "CoordAtt": _attention("CoordAtt", IN, IN, "reduction"),
    "CA": _attention("CoordAtt", IN, IN, "reduction"),
    "CoordinateAttention": _attention("CoordAtt", IN, IN, "reduction"),
    "GAM": _attention("GAM", IN, "rate"),
    "EMA": _attention("EMA", IN, "groups"),
    "SimAM": _attention("SimAM", "energy_lambda"),
    "TripletAttention": _attention("TripletAttention"),
    "LSKA": _attention("LSKA", IN, "kernel_size"),
    "LSKblock": _attention("LSK", IN),
    "MLCA": _attention("MLCA", IN, "local_size"),
    "ParNetAttention": _attention("ParNetAttention", IN),
    "CPCA": _attention("CPCA", IN, IN),
    "NAMAttention": _attention("NAM", IN),
    "ShuffleAttention": _attention("ShuffleAttention", IN, "groups"),
}
SKIPPED = ("nn.Identity", "Silence")
"""Rows that hand on what they read"""
HEADS = ("Detect", "Segment", "v10Detect", "Segment26", "DDetect", "DualDDetect")
EXOTIC = {
    "RTDETRDecoder": "RT-DETR's decoder predicts by queries",
    "WorldDetect": "an open-vocabulary head also reads the embeddings of texts",
    "YOLOEDetect": "an open-vocabulary head also reads the embeddings of prompts",
    "YOLOESegment": "an open-vocabulary head also reads the embeddings of prompts",
    "YOLOESegment26": "an open-vocabulary head also reads the embeddings of prompts",
    "C2fAttn": "it also reads the embeddings of texts",
    "ImagePoolingAttn": "it changes the embeddings of texts",
    "Pose": "keypoints are not predicted here",
    "Pose26": "keypoints are not predicted here",
    "OBB": "turned boxes are not predicted here",
    "OBB26": "turned boxes are not predicted here",
    "Classify": "images are not classified here",
    "SemanticSegment": "pixels are not classified here",
    "Depth": "depth is not predicted here",
    "TorchVision": "a torchvision network is no graph of rows",
}
"""Modules that no --map can replace, with why"""
LIGHT = ("C3k2", "A2C2f", "C2fCIB")
"""Where one of them stands before the head, its class branch is depth-wise"""
BY_LETTER: dict[str, dict[str, dict[str, Any]]] = {
    "C3k2": {letter: {"c3k": True} for letter in "mlx"},
    "A2C2f": {letter: {"residual": True, "mlp_ratio": 1.2} for letter in "lx"},
}
"""What a scale's letter, and not its numbers, decides"""

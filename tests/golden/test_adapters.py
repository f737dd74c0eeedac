"""The adapters themselves, on made-up cases: every argument is used or refused by name."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import torch

from golden.case import Case
from golden.conftest import case_parameters
from golden.constructors import MAKERS
from golden.models import layer_nodes
from golden.modules import build_module, check_module
from golden.names import UNDERSTOOD, UnknownModelError, parse_name
from golden.rows import check_rows
from golden.test_golden import ADAPTERS
from yololab.detector import Detector
from yololab.graph.build import build_graph
from yololab.graph.parse import parse_graph
from yololab.heads import Head

Refused = pytest.fail.Exception

WIDTHS = {"c1": 16, "c2": 16}
CONV = {"k": 3, "s": 2, "p": 3, "g": 4, "d": 3, "act": False}
STAGE = {"n": 3, "shortcut": True, "g": 2, "e": 0.75}
V6 = {"in_channels": 16, "out_channels": 16}
HEAD = {"nc": 3, "ch": [16, 16, 16], "stride": [8, 16, 32]}
DUAL = {**HEAD, "ch": [16] * 6}
HEAD_CHANGES = {"nc": 5, "ch": [24, 16, 16], "stride": [16, 32, 64], "reg_max": 8}

EXAMPLES: dict[str, tuple[dict, dict]] = {
    "GAM": ({"in_channels": 16}, {"in_channels": 24, "rate": 2}),
    "CBAM": ({"c1": 16}, {"c1": 24, "kernel_size": 3}),
    "CoordAtt": ({"inp": 512}, {"inp": 24, "reduction": 16}),
    "ECA": ({"channel": 16}, {"channel": 24, "k_size": 5}),
    "Conv": ({**WIDTHS, "k": 5}, {"c1": 24, "c2": 24, **CONV}),
    "RepConvN": (WIDTHS, {"c1": 24, "c2": 24, "s": 2, "g": 4, "act": False}),
    "RepNBottleneck": (WIDTHS, {"c1": 24, "c2": 24, "shortcut": False, "g": 2, "k": [3, 5], "e": 0.75}),
    "RepNCSP": (WIDTHS, {"c1": 24, "c2": 24, **STAGE, "shortcut": False}),
    "RepNCSPELAN4": ({**WIDTHS, "c3": 16, "c4": 8}, {"c1": 24, "c2": 24, "c3": 32, "c4": 16, "c5": 2}),
    "SPPELAN": ({**WIDTHS, "c3": 16}, {"c1": 24, "c2": 24, "c3": 8}),
    "ADown": (WIDTHS, {"c1": 24, "c2": 24}),
    "AConv": (WIDTHS, {"c1": 24, "c2": 24}),
    "ELAN1": ({**WIDTHS, "c3": 16, "c4": 8}, {"c1": 24, "c2": 24, "c3": 32, "c4": 16}),
    "CBLinear": ({"c1": 16, "c2s": [8, 8]}, {"c1": 24, "c2s": [8], "k": 3, "s": 2, "p": 1, "g": 4}),
    "CBFuse": ({"idx": [0]}, {"idx": [1]}),
    "DFL": ({}, {"c1": 8}),
    "DDetect": (HEAD, HEAD_CHANGES),
    "DualDDetect": (DUAL, {**HEAD_CHANGES, "ch": [24, 16, 16] * 2}),
    "Detect": (HEAD, HEAD_CHANGES),
    "Detect(yolo11)": (HEAD, HEAD_CHANGES),
    "Segment": (HEAD, {**HEAD_CHANGES, "nm": 8, "npr": 16}),
    "EffiDeHead": (HEAD, {key: HEAD_CHANGES[key] for key in HEAD}),
    "DynamicConv": (WIDTHS, {"c1": 24, "c2": 24, **CONV, "num_experts": 2}),
    "GhostModule": (
        {"inp": 16, "oup": 16},
        {"inp": 24, "oup": 24, "kernel_size": 3, "ratio": 4, "dw_size": 5, "stride": 2, "num_experts": 2},
    ),
    "Bottleneck": (WIDTHS, {"c1": 24, "c2": 24, "shortcut": False, "g": 2, "k": [1, 3], "e": 0.75}),
    "Bottleneck_DynamicConv": (WIDTHS, {"c1": 24, "c2": 24, "shortcut": False, "k": [1, 3]}),
    "C2f": (WIDTHS, {"c1": 24, "c2": 24, **STAGE}),
    "C2f_DynamicConv": (WIDTHS, {"c1": 24, "c2": 24, "n": 3, "shortcut": True, "e": 0.75}),
    "C2f_GhostDynamicConv": (WIDTHS, {"c1": 24, "c2": 24, "n": 3, "e": 0.75}),
    "C3": (WIDTHS, {"c1": 24, "c2": 24, **STAGE, "shortcut": False}),
    "C3_DynamicConv": (WIDTHS, {"c1": 24, "c2": 24, "n": 3, "shortcut": True, "e": 0.75}),
    "C3_GhostDynamicConv": (WIDTHS, {"c1": 24, "c2": 24, "n": 3, "e": 0.75}),
    "SPPF": (WIDTHS, {"c1": 24, "c2": 24, "k": 3}),
    "TripletAttention": ({}, {"no_spatial": True, "kernel_size": 3}),
    "LSKA": ({"dim": 16}, {"dim": 24, "k_size": 23}),
    "LSKblock": ({"dim": 16}, {"dim": 24}),
    "ELA": ({"channel": 32}, {"channel": 64, "kernel_size": 5, "groups": 16, "num_groups": 8}),
    "ELA(1x1)": ({"channels": 32}, {"channels": 64, "num_groups": 8}),
    "MLCA": ({"in_size": 16}, {"in_size": 24, "local_size": 3, "gamma": 1, "b": 4, "local_weight": 0.25}),
    "ParNetAttention": ({"channel": 16}, {"channel": 24}),
    "NAM": ({"channels": 16}, {"channels": 24}),
    "GC": ({"inplanes": 16}, {"inplanes": 24, "ratio": 0.5, "fusion_types": ["channel_mul"]}),
    "SK": ({"channel": 16}, {"channel": 24, "kernels": [3, 5], "reduction": 2, "group": 2, "L": 8}),
    "ShuffleAttention": ({"channel": 128}, {"channel": 256, "groups": 32}),
    "CPCA": ({"in_channels": 16}, {"in_channels": 24, "channelAttention_reduce": 2}),
    "ChannelAttention": ({"channels": 16}, {"channels": 24}),
    "SpatialAttention": ({}, {"kernel_size": 3}),
    "C3k": (WIDTHS, {"c1": 24, "c2": 24, **STAGE, "shortcut": False, "k": 5}),
    "C3k2": (WIDTHS, {"c1": 24, "c2": 24, **STAGE, "shortcut": False, "c3k": True, "attn": True}),
    "PSABlock": ({"c": 16}, {"c": 24, "attn_ratio": 1.0, "num_heads": 2, "shortcut": False}),
    "Attention": ({"dim": 16}, {"dim": 24, "num_heads": 2, "attn_ratio": 1.0}),
    "C2PSA": ({"c1": 32, "c2": 32}, {"n": 2, "e": 0.25}),
    "C2fPSA": (WIDTHS, {"c1": 24, "c2": 24, "n": 2, "e": 0.25}),
    "PSA": ({"c1": 32, "c2": 32}, {"e": 0.25}),
    "SCDown": ({**WIDTHS, "k": 3, "s": 2}, {"c1": 24, "c2": 24, "k": 5, "s": 1}),
    "RepVGGDW": ({"ed": 16}, {"ed": 24}),
    "CIB": (WIDTHS, {"c1": 24, "c2": 24, "shortcut": False, "e": 0.75, "lk": True}),
    "C2fCIB": (WIDTHS, {"c1": 24, "c2": 24, "n": 2, "shortcut": True, "e": 0.75, "lk": True}),
    "AAttn": ({"dim": 32, "num_heads": 1}, {"dim": 64, "num_heads": 2, "area": 4}),
    "ABlock": ({"dim": 32, "num_heads": 1}, {"dim": 64, "num_heads": 2, "mlp_ratio": 2.0, "area": 4}),
    "A2C2f": (
        {"c1": 64, "c2": 64},
        {
            "c1": 32,
            "c2": 128,
            "n": 2,
            "a2": False,
            "area": 4,
            "residual": True,
            "mlp_ratio": 1.2,
            "e": 1.0,
            "g": 2,
            "shortcut": False,
        },
    ),
    "C2": (WIDTHS, {"c1": 24, "c2": 24, **STAGE, "shortcut": False}),
    "GhostConv": (WIDTHS, {"c1": 24, "c2": 24, "k": 3, "s": 2, "g": 2, "act": False}),
    "GhostBottleneck": ({**WIDTHS, "s": 2}, {"c1": 24, "c2": 24, "k": 5, "s": 1}),
    "C3Ghost": (WIDTHS, {"c1": 24, "c2": 24, "n": 2, "e": 1.0}),
    "SPP": (WIDTHS, {"c1": 24, "c2": 24, "k": [3, 5]}),
    "SPPF(yolo26)": (WIDTHS, {"c1": 24, "c2": 24, "k": 3, "n": 2, "shortcut": True}),
    "DWConv": (WIDTHS, {"c1": 24, "c2": 24, "k": 3, "s": 2, "d": 2, "act": False}),
    "RepConv": (WIDTHS, {"c1": 24, "c2": 24, "s": 2, "g": 4, "act": False}),
    "RepC3": (WIDTHS, {"c1": 24, "c2": 24, "n": 2, "e": 0.5}),
    "CARAFE": ({"c": 16, "c_mid": 8}, {"c": 24, "c_mid": 16, "k_enc": 5, "k_up": 3, "scale": 4}),
    "CARAFE(bn)": ({"c": 16, "c_mid": 8}, {"c": 24, "c_mid": 16, "k_enc": 5, "k_up": 3, "scale": 4}),
    "DySample": ({"in_channels": 16}, {"in_channels": 24, "scale": 4, "style": "pl", "groups": 2, "dyscope": True}),
    "SPDConv": (WIDTHS, {"c1": 24, "c2": 24, "k": 1}),
    "RFAConv": (
        {"in_channel": 16, "out_channel": 16, "kernel_size": 3},
        {"in_channel": 24, "out_channel": 24, "kernel_size": 5, "stride": 2},
    ),
    "BiFPNFusion": ({"inputs": 1}, {"inputs": 2, "eps": 0.5}),
    "Proto": ({"c1": 16}, {"c1": 24, "c_": 16, "c2": 8}),
    "Proto26": ({"ch": [16, 24, 32]}, {"ch": [24, 24, 32], "c_": 16, "c2": 8, "nc": 3}),
    "v10Detect": (HEAD, HEAD_CHANGES),
    "Detect(yolo26)": (HEAD, {**HEAD_CHANGES, "reg_max": 1, "end2end": True}),
    "Segment26": (HEAD, {**HEAD_CHANGES, "reg_max": 1, "end2end": True, "nm": 8, "npr": 16}),
    "Segment(yolo11)": (HEAD, {**HEAD_CHANGES, "nm": 8, "npr": 16}),
    "C3x": (WIDTHS, {"c1": 24, "c2": 24, "n": 2, "shortcut": False, "g": 2, "e": 1.0}),
    "RepVGGBlock": (V6, {"in_channels": 24, "out_channels": 24, "stride": 2, "groups": 4}),
    "RepBlock": (V6, {"in_channels": 24, "out_channels": 24, "n": 2}),
    "SimSPPF": (V6, {"in_channels": 24, "out_channels": 24, "kernel_size": 3}),
    "SimConv": (
        {**V6, "kernel_size": 3, "stride": 1},
        {"in_channels": 24, "out_channels": 24, "kernel_size": 1, "stride": 2, "groups": 4, "bias": True},
    ),
    "Transpose": (V6, {"in_channels": 24, "out_channels": 24, "kernel_size": 3, "stride": 3}),
}
"""Module -> arguments of the reference that suffice, and for each of its other values one that changes the module."""

NEEDS = {
    ("DWConv", "d"): {"k": 3},
    ("SK", "reduction"): {"L": 4},
    ("A2C2f", "g"): {"a2": False},
    ("A2C2f", "shortcut"): {"a2": False},
    ("A2C2f", "mlp_ratio"): {},
    ("Conv", "d"): {"k": 3},
    ("Conv", "p"): {"k": 5},
    ("DynamicConv", "d"): {"k": 3},
    ("DynamicConv", "p"): {"k": 3},
}
"""What an argument needs beside it to matter."""


def made_up(module="Conv", args=None, folder=None, arrays=None, **content):
    """A case of no reference."""
    content = {"id": "made-up", "topic": "modules", "module": module, "args": args or {}, **content}
    content = {"tolerance": {"atol": 1e-6}, "bn_eps": 1e-3, "family": "ul82", **content}
    case = Case(folder, content)
    case.__dict__["arrays"] = {} if arrays is None else {key: np.asarray(value) for key, value in arrays.items()}
    return case


def inputs(module, args):
    if "ch" in args:
        return [torch.rand(1, width, 4, 4) for width in args["ch"]]
    if module == "CBFuse":
        return ((torch.rand(1, 4, 3, 3), torch.rand(1, 4, 3, 3)), torch.rand(1, 4, 6, 6))
    if module == "DFL":
        return torch.rand(1, 4 * args.get("c1", 16), 5)
    if module == "BiFPNFusion":
        return tuple(torch.rand(1, 4, 3, 3) for _ in range(args["inputs"]))
    names = ("c1", "inp", "channel", "in_channels", "channels", "dim", "in_size", "inplanes", "c", "ed", "in_channel")
    width = next((args[key] for key in names if key in args), 16)
    return torch.rand(2, width, 12, 12)


@torch.no_grad()
def behaviour(module, args):
    """Shapes of a module's parameters and its outputs, for equal seeds."""
    torch.manual_seed(0)
    built = build_module(made_up(module, args)).eval()
    given = inputs(module, args)
    if isinstance(built, Head):
        maps = built(given)
        outputs = [built.decode(maps[branch], branch).boxes_xyxy for branch in built.branches]
    elif module in ("CBFuse", "BiFPNFusion", "Proto26"):
        outputs = built(*given)
        outputs = [outputs[0] if isinstance(outputs, tuple) else outputs]
    else:
        outputs = built(given)
        outputs = [y for y in outputs if y is not None] if isinstance(outputs, tuple) else [outputs]
    shapes = [tuple(value.shape) for value in built.state_dict().values()]
    return shapes, [(tuple(y.shape), round(float(y.double().mean()), 9)) for y in outputs]


CHANGES = [(module, name) for module, (_, changes) in EXAMPLES.items() for name in changes]


@pytest.mark.parametrize(("module", "name"), CHANGES)
def test_every_argument_changes_the_module(module, name):
    base, changes = EXAMPLES[module]
    base = {**base, **NEEDS.get((module, name), {})}
    changed = {**base, name: changes[name]}
    assert behaviour(module, base) == behaviour(module, base)
    assert behaviour(module, base) != behaviour(module, changed)


def test_every_argument_that_a_constructor_names_has_an_example():
    left_out = {("CoordAtt", "oup"), ("CPCA", "out_channels")}  # may only repeat the input's channels
    left_out |= {(name, key) for name in ("C2PSA", "PSA") for key in ("c1", "c2")}  # as may these
    named = {(module, name) for module, constructor in MAKERS.items() for name in constructor.names}
    assert named - left_out == set(CHANGES)


@pytest.mark.parametrize("module", MAKERS)
def test_an_unknown_argument_is_refused_by_name(module):
    with pytest.raises(Refused, match=f"case made-up: module {re.escape(module)}: argument colour is not supported"):
        build_module(made_up(module, {**EXAMPLES[module][0], "colour": "blue"}))


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, maker in MAKERS.items() for name in maker.meaningless]
)
def test_an_argument_without_effect_in_the_reference_has_none_here(module, name):
    base = EXAMPLES[module][0]
    if module == "CBFuse":
        assert behaviour(module, {**base, name: [2]}) == behaviour(module, base)
    else:
        assert behaviour(module, {**base, name: 2}) == behaviour(module, base)


@pytest.mark.parametrize(
    ("module", "args", "message"),
    [
        ("RepConvN", {**WIDTHS, "k": 5}, "argument k=5 is not supported, only 3"),
        ("RepVGGBlock", {**V6, "deploy": True}, "argument deploy=True is not supported, only False"),
        (
            "RepBlock",
            {**V6, "block": "ConvWrapper"},
            "argument block='ConvWrapper' is not supported, only 'RepVGGBlock'",
        ),
        ("Bottleneck_DynamicConv", {**WIDTHS, "e": 0.5}, "argument e=0.5 is not supported, only 1.0"),
        ("EffiDeHead", {**HEAD, "anchors": 3}, "argument anchors=3 is not supported, only 1"),
        ("Conv", {**WIDTHS, "k": [1, 3]}, "argument k=.* is not supported: height and width must be equal"),
        ("Conv", {**WIDTHS, "act": "nn.Tanh()"}, "argument act='nn.Tanh\\(\\)' is not supported: known are True"),
        ("CoordAtt", {"inp": 16, "oup": 24}, "cannot be built .* oup=24 does not"),
        (
            "RepNBottleneck",
            {**WIDTHS, "k": [1, 3]},
            "argument k=.* is not supported: the first convolution is a RepConvN",
        ),
        ("Conv", {"c2": 16}, "cannot be built .* 'in_channels'"),
    ],
)
def test_a_value_that_ours_does_not_have_is_refused(module, args, message):
    with pytest.raises(Refused, match=f"case made-up: module {module}: {message}"):
        build_module(made_up(module, args))


@pytest.mark.parametrize("module", ["Conf", "SPPF(yolo27)", "Detect(yolo99)"])
def test_an_unknown_module_or_source_is_refused(module):
    with pytest.raises(Refused, match=r"case made-up: module .* is not known"):
        build_module(made_up(module))


def recorded(module, args, folder=None):
    """A case whose tensors come from our own module."""
    torch.manual_seed(1)
    built = build_module(made_up(module, args)).eval()
    x = inputs(module, args)
    with torch.no_grad():
        arrays = {"in/x": x.numpy(), "out/y": built(x).numpy()}
    return made_up(module, args, folder, arrays | {f"state/{key}": v.numpy() for key, v in built.state_dict().items()})


STRIDED = {"inp": 16, "oup": 12, "kernel_size": 3, "stride": 2, "num_experts": 3}


def test_a_case_is_reproduced_with_its_arguments_and_not_without():
    case = recorded("GhostModule", STRIDED)
    check_module(case)
    for name in ("kernel_size", "stride", "num_experts"):
        case.args = {key: value for key, value in STRIDED.items() if key != name}
        with pytest.raises((AssertionError, RuntimeError)):
            check_module(case)


def test_tensors_and_modes_that_nobody_compares_are_refused():
    case = recorded("SimConv", {**V6, "kernel_size": 3, "stride": 2})
    case.arrays["further/x"] = case.arrays["in/x"]
    with pytest.raises(Refused, match="case made-up: tensor 'further/x' is not compared"):
        check_module(case)
    with pytest.raises(Refused, match="mode 'train' is not supported"):
        check_module(made_up("Conv", WIDTHS, mode="train"))


BOXES = [[10.0, 10.0, 4.0, 6.0]]
PREDICTED = np.zeros((1, 6, 2), np.float32)
LEVELS = {f"in/raw{i}": np.zeros((1, 9, 4 // 2**i, 4 // 2**i), np.float32) for i in range(3)}
STRIDES = {"strides": [8, 16, 32], "image_hw": [32, 32], "num_classes": 4}
SIMOTA = {**STRIDES, "center_radius": 2.5, "iou_weight": 3.0, "cls_weight": 1.0, "reg_weight": 5.0, "n_gt": [1]}
GAINS = {**STRIDES, "box": 7.5, "cls": 0.5, "dfl": 1.5, "n_gt": [0]}
RAW = {f"in/raw{i}": np.zeros((1, 68, 4 // 2**i, 4 // 2**i), np.float32) for i in range(3)}
COCO = {key: np.zeros(0) for key in ("in/image_ids", "in/cat_ids", "in/gt_image", "in/dt_image", "in/gt_iscrowd")}
BOTH = {"in/box1": np.array(BOXES, np.float32), "in/box2": np.array(BOXES, np.float32)}
KINDS = {
    "iou": ({"kind": "CIoU"}, BOTH),
    "pairwise": ({"box_format": "xyxy"}, BOTH),
    "tal": ({"topk": 3}, {"in/pd_scores": np.zeros((1, 4, 2))}),
    "simota_v6": (
        SIMOTA,
        {"in/n_gt": [1]} | {f"in/raw{i}": np.zeros((1, 1, 4 // 2**i, 4 // 2**i, 9), np.float32) for i in range(3)},
    ),
    "simota_yolox": (SIMOTA, {"in/n_gt": [1]} | LEVELS),
    "v8loss": (GAINS, {"in/targets": np.zeros((0, 6), np.float32)} | RAW),
    "y9loss": (GAINS, {"in/targets": np.zeros((0, 6), np.float32)} | RAW),
    "v10loss": (
        {**GAINS, "weight_one2many": 1.0, "weight_one2one": 1.0},
        {"in/targets": np.zeros((0, 6), np.float32)}
        | {key.replace("raw", f"raw_{name}"): value for key, value in RAW.items() for name in ("one2many", "one2one")},
    ),
    "yolo26loss": (
        {**GAINS, "weight_one2many": 1.0, "weight_one2one": 1.0},
        {"in/targets": np.zeros((0, 6), np.float32)}
        | {key.replace("raw", f"raw_{name}"): value for key, value in RAW.items() for name in ("one2many", "one2one")},
    ),
    "nms": ({"conf_thres": 0.1}, {"in/pred": PREDICTED}),
    "coco_bbox": ({"image_hw": [32, 32]}, COCO),
    "coco_segm": ({"image_hw": [32, 32]}, COCO),
    "e2e": ({"model": "yolov8n", "nc": 2}, {"in/x": np.zeros((1, 3, 32, 32), np.float32)}),
    "e2e_formula": (
        {"model": "yolov8n", "nc": 2, "gain": 1.2, "base_seed": 1},
        {"in/x": np.zeros((1, 3, 32, 32), np.float32)},
    ),
    "figures": ({"model": "yolov8n", "nc": 2}, {}),
    "shapes": ({"model": "yolov8n", "nc": 2}, {}),
    "index_graph": ({"name": "made-up", "scales": [], "nc": 2}, {}),
}


SHORT = [[-1, 1, "Silence", []], [-1, 1, "Conv", [8, 3, 2]]]


def of_kind(kind, changed=None):
    args, arrays = KINDS[kind]
    return made_up(args={**args, **(changed or {})}, arrays=arrays, kind=kind)


@pytest.mark.parametrize("kind", [kind for kind in ADAPTERS if kind != "modules"])
def test_every_kind_refuses_an_unknown_argument(kind):
    with pytest.raises(Refused, match=f"case made-up: {kind}: argument colour is not supported"):
        ADAPTERS[kind](of_kind(kind, {"colour": "blue"}))


@pytest.mark.parametrize(
    ("kind", "changed", "message"),
    [
        ("iou", {"kind": "NWD"}, "overlap nwd is not supported; known are iou, giou"),
        ("iou", {"kind": "SIoU", "eps": 0.1}, "argument eps=0.1 is not supported, only 1e-07: siou has no eps"),
        ("pairwise", {"box_format": "ltwh"}, "argument box_format='ltwh' is not supported"),
        ("tal", {"num_classes": 7}, "argument num_classes=7 contradicts the stored tensors: 2"),
        ("simota_v6", {"image_hw": [64, 64]}, "argument image_hw=.* contradicts the stored tensors: .32, 32."),
        ("simota_yolox", {"n_gt": [2]}, "argument n_gt=.2. contradicts"),
        ("v8loss", {"aux_weight": 0.25}, "argument aux_weight=0.25 contradicts 1 branches"),
        ("y9loss", {"label_smoothing": 0.1}, "argument label_smoothing=0.1 is not supported, only 0.0"),
        ("nms", {"num_classes": 5}, "num_classes=5 and num_extra=0 contradict 6 stored rows"),
        ("nms", {"rotated": True}, "argument rotated=True is not supported"),
        ("coco_bbox", {"n_gt": 3}, "argument n_gt=3 contradicts the stored tensors: 0"),
        ("figures", {"image_hw": [320, 320]}, r"argument image_hw=\[320, 320\] is not supported"),
        ("e2e", {"image_hw": [64, 64]}, "argument image_hw=.* contradicts the stored tensors: .32, 32."),
        ("shapes", {"model": "yolov8q"}, "no preset stands for 'yolov8q'.*understood are yolov8"),
        ("e2e", {"model": "yolov9mini", "rows": SHORT, "n_backbone": 9}, "n_backbone=9 contradicts our graph: 10"),
        ("e2e", {"model": "yolov9mini", "rows": SHORT, "n_backbone": 10}, "rows has 2 rows, our graph 38 nodes"),
    ],
)
def test_values_that_ours_does_not_have_are_refused(kind, changed, message):
    with pytest.raises(Refused, match=f"case made-up: {kind}: .*{message}"):
        ADAPTERS[kind](of_kind(kind, changed))


ROWS = [
    [-1, 1, "Conv", [8, 3, 2]],
    [-1, 1, "RepNCSPELAN4", [16, 8, 4, 2]],
    [1, 1, "CBLinear", [[4, 8]]],
    [[-1, 0], 1, "CBFuse", [[1]]],
    [[1, 3], 1, "DDetect", ["nc"]],
]
OTHER_ROWS = [
    (0, [-1, 1, "Conv", [8, 3, 1]], r"row 0 \(Conv\) has stride=1, our backbone.stem has 2"),
    (1, [-1, 1, "RepNCSPELAN4", [16, 8, 8, 2]], r"row 1 \(RepNCSPELAN4\) has inner=8, our backbone.stage has 4"),
    (1, [-1, 2, "RepNCSPELAN4", [16, 8, 4, 2]], r"row 1 \(RepNCSPELAN4\) is repeated 2 times"),
    (2, [1, 1, "CBLinear", [[8, 8]]], r"row 2 \(CBLinear\) has splits=\[8, 8\], our backbone.route has \[4, 8\]"),
    (3, [[-1, 0], 1, "CBFuse", [[0]]], r"row 3 \(CBFuse\) has indices=\[0\], our backbone.fuse has \[1\]"),
    (4, [[0, 3], 1, "DDetect", ["nc"]], r"row 4 \(DDetect\) reads \['backbone.stem', 'backbone.fuse'\], our head"),
    (4, [[1, 3], 1, "DDetect", [80]], r"row 4 \(DDetect\) with \[80\] is not known"),
    (1, [-1, 1, "SPPELAN", [16, 8]], r"row 1 \(SPPELAN\) is our backbone.stage, a RepNCSPELAN"),
    (1, [-1, 1, "SPP", [16]], r"row 1 \(SPP\) is our backbone.stage, a RepNCSPELAN"),
    (1, [-1, 1, "RepNCSPELAN4", [16, 8, 4, 2, 7]], r"row 1 \(RepNCSPELAN4\) with .* is not known"),
]


def small_detector():
    nodes = {
        "stem": {"block": "Conv", "from": "image", "channels": 8, "kernel_size": 3, "stride": 2},
        "stage": {"block": "RepNCSPELAN", "from": "stem", "channels": 16, "hidden": 8, "inner": 4, "repeats": 2},
        "route": {"block": "CBLinear", "from": "stage", "splits": [4, 8]},
        "fuse": {"block": "CBFuse", "from": ["route", "stem"], "indices": [1]},
    }
    head = {"block": "yololab.heads.DDetect", "from": ["backbone.stage", "backbone.fuse"], "num_classes": 1}
    return Detector(build_graph(parse_graph("small", {"backbone": {"nodes": nodes}}, head), device="meta"))


def compare_rows(rows):
    detector = small_detector()
    with made_up(args={"rows": rows, "n_backbone": 4}).arguments() as arguments:
        check_rows(arguments, detector, arguments.take("rows"), layer_nodes(detector))


def test_rows_of_our_graph_are_accepted():
    compare_rows(ROWS)


@pytest.mark.parametrize(("index", "row", "message"), OTHER_ROWS)
def test_a_row_that_our_graph_does_not_have_is_refused(index, row, message):
    with pytest.raises(Refused, match=f"argument rows: {message}"):
        compare_rows([*ROWS[:index], row, *ROWS[index + 1 :]])


def test_an_assigner_of_another_family_is_refused():
    case = of_kind("tal")
    case.content["family"] = "ul99"
    with pytest.raises(Refused, match="family 'ul99' is not supported, only ul82 or ul84 or y9"):
        ADAPTERS["tal"](case)


def suppressed(found, **args):
    """Run the NMS adapter on three boxes of two classes, the first two of which overlap, expecting `found` scores."""
    columns = [[8, 8, 8, 8, 0.9, 0.6], [8, 8, 8, 7, 0.5, 0.8], [40, 40, 8, 8, 0.3, 0.1]]
    rows = {0.9: (8, 8, 8, 8, 0), 0.6: (8, 8, 8, 8, 1), 0.8: (8, 8, 8, 7, 1), 0.3: (40, 40, 8, 8, 0)}
    kept = [(x - w / 2, y - h / 2, x + w / 2, y + h / 2, s, c) for s in found for x, y, w, h, c in [rows[s]]]
    arrays = {"in/pred": np.array(columns, np.float32).T[None], "out/count": np.array([len(kept)])}
    arrays["out/dets"] = np.array(kept, np.float32).reshape(1, len(kept), 6)
    ADAPTERS["nms"](made_up(args={"conf_thres": 0.2, **args}, arrays=arrays, kind="nms"))


def test_nms_honours_every_argument():
    suppressed([0.9, 0.8, 0.3])
    suppressed([0.9, 0.3], agnostic=True)
    suppressed([0.9, 0.3], max_wh=0)
    suppressed([0.9, 0.8], max_det=2)
    suppressed([0.9, 0.8], conf_thres=0.4)
    suppressed([0.9], max_nms=1)
    suppressed([0.8], classes=[1])
    suppressed([0.9, 0.8, 0.3], multi_label=True)
    suppressed([0.8], multi_label=True, classes=[1])
    suppressed([0.9, 0.8, 0.6], multi_label=True, iou_thres=0.99, conf_thres=0.55)
    with pytest.raises(Refused, match="argument max_wh=10 is not supported: classes that far apart still meet"):
        suppressed([], max_wh=10)


@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_a_reduced_box_loss_is_compared_with_its_gradient(reduction):
    # Concentric boxes of areas 4 and 8: IoU 1/2; the second pair is equal.
    box1 = np.array([[0, 0, 2, 2], [5, 5, 2, 2]], np.float32)
    box2 = np.array([[0, 0, 2, 4], [5, 5, 2, 2]], np.float32)
    arrays = {"in/box1": box1, "in/box2": box2, "out/loss": np.float32(0.5 if reduction == "sum" else 0.25)}
    arrays |= {"out/grad_check": np.zeros(2, bool), "grad/box1": box1, "grad/box2": box2}
    tolerance = {"value": {"atol": 1e-6}, "grad": {"atol": 1e-6}}
    args = {"iou_type": "iou", "reduction": reduction, "box_format": "xywh"}
    ADAPTERS["iou"](made_up(args=args, arrays=arrays, kind="iou", family="v6", tolerance=tolerance))


@pytest.mark.parametrize(
    ("name", "overrides", "settings"),
    [
        ("yolov8n", "model=yolov8 scale=n", {}),
        ("yolov8-seg", "model=yolov8 scale=n head=v8_segment", {}),
        ("yolov8x(depth 1.33)", "model=yolov8 scale=x", {"depth": 1.33}),
        ("yolov8x (depth 1.33, as printed)-seg", "model=yolov8 scale=x head=v8_segment", {"depth": 1.33}),
        ("yolov8m-seg-C2f_DynamicConv", "model=yolov8 scale=m head=v8_segment block=c2f_dynamic", {}),
        ("yolov8n_ghostdynamic", "model=yolov8 scale=n block=c2f_ghost_dynamic", {}),
        ("yolov8l-C3_GhostDynamicConv", "model=yolov8 scale=l block=c3_ghost_dynamic", {}),
        ("yolov9 (upstream HEAD yaml)", "model=yolov9", {}),
        ("yolov9(seed-000)+CBAM@pos1", "model=yolov9 attention=cbam insert_pos=neck", {}),
        ("yolov9seed+CoordAtt@2", "model=yolov9 attention=ca insert_pos=all_heads", {}),
        ("gelan-c", "model=gelan_c", {}),
        ("yolov9-e", "model=yolov9_e", {}),
        ("yolov9c", "model=gelan_c head=detect", {}),
        ("yolo11m-seg", "model=yolo11 scale=m head=segment_light", {}),
        ("yolo12x", "model=yolo12 scale=x", {}),
        ("yolov8n-p2", "model=yolov8_p2 scale=n", {}),
        ("yolov6_tiny", "model=yolov6 scale=t", {}),
        ("yolov6t-0.1.0", "model=yolov6 scale=t", {}),
        ("yolov6s", "model=yolov6 scale=s", {}),
        ("yolov6n-HEAD", "model=yolov6_3 scale=n", {}),
        ("yolov6m (HEAD)", "model=yolov6_3 scale=m", {}),
        ("yolox-s", "model=yolox scale=s", {}),
        ("yolox_nano", "model=yolox scale=n", {}),
    ],
)
def test_a_name_is_read_part_by_part(name, overrides, settings):
    model = parse_name(name)
    assert (" ".join(model.overrides), model.settings) == (overrides, settings)


def test_upstreams_present_yaml_of_yolov9_has_relu():
    assert [parse_name(f"{name}(upstream HEAD yaml)").activation for name in ("yolov9", "gelan")] == ["relu", "relu"]
    assert parse_name("yolov9(seed-000, plain, SiLU)").activation == "silu"


@pytest.mark.parametrize(
    "name", ["yolov8q", "yolov9q", "yolov8n-p7", "yolo11q", "yolov9seed+SE@1", "yolov6m", "yolov8n(groups=4)"]
)
def test_a_name_that_no_preset_stands_for_says_what_is_understood(name):
    with pytest.raises(UnknownModelError, match="no preset stands for") as error:
        parse_name(name)
    assert UNDERSTOOD in str(error.value)


def test_several_golden_folders_are_run_under_their_names(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        cases = [{"id": "same", "args": {}, "tolerance": {}, "topic": "iou", "file": ""}]
        (tmp_path / folder / "cases.json").write_text(json.dumps({"cases": cases}))
    parameters = case_parameters([tmp_path / "a", tmp_path / "b", tmp_path / "absent"])
    assert [p.id for p in parameters] == ["a/same", "b/same", str(tmp_path / "absent")]
    assert [p.id for p in case_parameters([tmp_path / "a"])] == ["same"]
    assert [bool(p.marks) for p in parameters] == [False, False, True]

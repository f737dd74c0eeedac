"""Whole models: the reference's names of models and parameters as ours, weights, outputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import yololab
from golden.arguments import Arguments
from golden.case import Case, assert_close
from golden.constructors import activation_name
from golden.index_graphs import build_imported
from golden.modules import check_detections, head_outputs, reference_layout, set_bn_eps, v6_name
from golden.names import SETTINGS, UnknownModelError, parse_name
from golden.rows import check_rows
from yololab.blocks import Chain
from yololab.blocks.activation import make_activation
from yololab.detector import Detector
from yololab.errors import ConfigError
from yololab.heads import EffiDe, EffiDeAligned

MINI_WIDTH = 0.125
FULL_STEM = 64
V6_LAYERS = ("stem", "ERBlock_2", "ERBlock_3", "ERBlock_4", "ERBlock_5", "Rep_p4", "Rep_p3", "Rep_n3", "Rep_n4")


def build_model(case: Case, arguments: Arguments, device: str = "cpu") -> Detector:
    """The detector that a case names, with its other arguments; a model of a foreign system skips the test."""
    if "index_graph" in arguments:
        return build_imported(case, arguments, device)
    name = arguments.take("model")
    try:
        model = parse_name(name)
    except UnknownModelError as error:
        arguments.fail(str(error))
    settings = {**model.settings, **{key: arguments.take(key) for key in SETTINGS if key in arguments}}
    rows = arguments.take("rows", None)
    if model.is_mini:
        settings.setdefault("width", _stem_width(rows) / FULL_STEM if rows else MINI_WIDTH)
    overrides = [f"{SETTINGS[key]}={value}" for key, value in settings.items()]
    classes = f"num_classes={arguments.take('nc', 80)}"
    try:
        detector = yololab.build([*model.overrides, *overrides, classes, "image_size=640"], device=device)
    except ConfigError as error:
        arguments.fail(f"{name!r} cannot be built with {settings}: {error}")
    activation = activation_name(arguments.take("activation", None) or model.activation or "SiLU")
    if activation != "silu" and not isinstance(detector.head, EffiDe):
        exchange_activation(detector, activation)
    if rows:
        check_rows(arguments, detector, rows, layer_nodes(detector))
    return detector


def _stem_width(rows: list[Any]) -> int:
    return next(given[0] for _, _, module, given in rows if module == "Conv")


def exchange_activation(module: nn.Module, activation: str) -> None:
    """What a YAML's `activation:` does: SiLU is the default of every Conv and RepConvN, and of nothing else."""
    for name, child in module.named_children():
        if isinstance(child, nn.SiLU):
            setattr(module, name, make_activation(activation))
        exchange_activation(child, activation)


def layer_nodes(detector: Detector) -> dict[int, str]:
    """The reference's layer numbers of YOLOv8 and YOLOv9 as node names: they are listed in the same order.

    YOLOv9's graphs that reread the image begin with a layer that passes it on.
    """
    if hasattr(detector, "golden_rows"):
        return detector.golden_rows
    readers = sum("image" in node.inputs for node in detector.graph.nodes)
    return {index + (readers > 1): name for index, name in enumerate(detector.graph.names)}


def our_key(key: str, detector: Detector, layers: dict[int, str]) -> str:
    """A reference state key as ours."""
    if isinstance(detector.head, EffiDe | EffiDeAligned):
        section, _, rest = key.partition(".")
        return f"head.{rest}" if section == "detect" else f"{section}.{v6_name(rest)}"
    _, number, rest = key.split(".", 2)
    node = layers[int(number)]
    if isinstance(detector.node(node), Chain):  # the reference has no sequence where there is but one module
        rest = rest if len(detector.node(node).blocks) > 1 else f"0.{rest}"
    return f"{node}.{rest}"


def load(detector: Detector, state: dict[str, Tensor]) -> None:
    layers = layer_nodes(detector)
    detector.load_state_dict({our_key(key, detector, layers): value for key, value in state.items()}, strict=True)


def formula_state(case: Case, gain: float, base: int) -> dict[str, Tensor]:
    """Weights by the rule that the case states, stored ones where it stores them."""
    state = {}
    for number, (key, shape, dtype, kind, fan) in enumerate(case.order()["formula_order"]):
        if kind == "file":
            value = case.tensor(f"state/{key}")
        elif kind == "dfl":
            value = torch.arange(int(np.prod(shape))).reshape(shape)
        elif kind == "count":
            value = torch.zeros(shape)
        else:
            u = np.random.RandomState(base + number).random_sample(int(np.prod(shape))).reshape(shape)
            rule = {
                "w": lambda u=u, fan=fan: (2 * u - 1) * gain * np.sqrt(3 / fan),
                "hw": lambda u=u, fan=fan: (2 * u - 1) * 0.5 * np.sqrt(3 / fan),
                "b": lambda u=u: (2 * u - 1) * 0.5,
                "gamma": lambda u=u: 0.6 + 0.8 * u,
                "beta": lambda u=u: 0.2 + u,
                "hb": lambda u=u, fan=fan: (2 * u - 1) * 1.7 + fan,
            }[kind]
            value = torch.from_numpy(np.asarray(rule(), dtype=np.float64).astype(np.float32))
        state[key] = value.to(getattr(torch, "float32" if dtype.startswith("float") else dtype)).reshape(shape)
    return state


def check_end_to_end(case: Case) -> None:
    case.only_tensors("in", "out", "state", "out_fused")
    case.only_mode("eval")
    image = case.tensor("in/x")
    with case.arguments() as arguments:
        arguments.equals("image_hw", list(image.shape[2:]))
        detector = build_model(case, arguments).eval()
        is_formula = case.kind == "e2e_formula"
        rule = (arguments.take("gain"), arguments.take("base_seed")) if is_formula else None
    state = formula_state(case, *rule) if rule else case.group("state")
    set_bn_eps(detector, case.content["bn_eps"])
    load(detector, state)
    if "params" in case.content:
        assert sum(p.numel() for p in detector.parameters()) == case.content["params"]
    recorded: dict[str, Tensor] = {}
    hooks = [
        detector.node(name).register_forward_hook(lambda _, __, out, name=name: recorded.__setitem__(name, out))
        for name in detector.graph.names[:-1]
    ]
    with torch.no_grad():
        found = head_outputs(detector.head, detector.features(image))
    for hook in hooks:
        hook.remove()
    for key, want in case.group("out").items():
        if key == "layer_stats":
            _check_layers(case, detector, recorded, want)
        elif key.startswith("neck"):
            name = detector.graph.head.inputs[int(key[4:])]
            assert_close(recorded[name], want, _other(case), f"{case.id} {key}")
        elif key in ("y", "aux", "main", "one2many", "one2one"):
            _check_decoded(case, found[key], want, key)
        elif key == "detections":
            rtol = {"rtol": case.tolerance["rtol"]}
            parts = (("boxes", slice(0, 4)), ("scores", slice(4, 5)), ("other", slice(6, None)))
            for name, columns in parts:
                check_detections(found[key], case, {"atol": case.tolerance[f"atol_{name}"], **rtol}, columns)
            check_detections(found[key], case, {"atol": 0.0}, slice(5, 6))
        elif key == "detections_stable":
            continue
        else:
            assert_close(found[key], want, _other(case), f"{case.id} {key}")
    if "out_fused/y" in case.arrays:
        deployed = detector.deploy()
        with torch.no_grad():
            maps = deployed.maps(image)["main"]
            _check_decoded(case, reference_layout(deployed.head, maps), case.tensor("out_fused/y"), "deployed")


def _other(case: Case) -> dict[str, float]:
    return {"atol": case.tolerance["atol_other"], "rtol": case.tolerance["rtol"]}


def _check_decoded(case: Case, got: Tensor, want: Tensor, what: str) -> None:
    if case.content["family"] == "v6":
        got, want = got.transpose(1, 2), want.transpose(1, 2)
    rtol = case.tolerance["rtol"]
    boxes, scores = (
        {"atol": case.tolerance["atol_boxes"], "rtol": rtol},
        {"atol": case.tolerance["atol_scores"], "rtol": rtol},
    )
    classes = 4 + case.args.get("nc", 80) + (case.content["family"] == "v6")
    assert_close(got[:, :4], want[:, :4], boxes, f"{case.id} {what} boxes")
    assert_close(got[:, 4:classes], want[:, 4:classes], scores, f"{case.id} {what} scores")
    if got.shape[1] > classes:
        assert_close(got[:, classes:], want[:, classes:], _other(case), f"{case.id} {what} coefficients")


def _check_layers(case: Case, detector: Detector, recorded: dict[str, Tensor], want: Tensor) -> None:
    if isinstance(detector.head, EffiDe):
        by_name = {"stem": "backbone.stem", "ERBlock_5": "backbone.spp"}
        by_name |= {f"ERBlock_{level}": f"backbone.stage{level}" for level in (2, 3, 4)}
        by_name |= {"Rep_p4": "neck.td4", "Rep_p3": "neck.td3", "Rep_n3": "neck.bu4", "Rep_n4": "neck.bu5"}
        rows = dict(zip([by_name[name] for name in V6_LAYERS], want, strict=True))
    else:
        layers = layer_nodes(detector)
        rows = {layers[int(row[0])]: row for row in want if int(row[0]) in layers}
    for name, row in rows.items():
        value = recorded[name]
        if isinstance(value, tuple):
            value = torch.cat(value, dim=1)
        stats = torch.stack([value.double().mean(), value.double().std(), value.double().abs().max()])
        assert_close(stats, row[1:], case.tolerance["layer_stats"], f"{case.id} node {name}")

"""Whole models: the reference's names of models and parameters as ours, weights, outputs."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import torch
from torch import Tensor

import yololab
from golden.case import Case, assert_close
from golden.modules import head_outputs, reference_layout, v6_name
from yololab.detector import Detector
from yololab.heads import EffiDe

ATTENTIONS = {"CBAM": "cbam", "GAM": "gam", "CoordAtt": "ca", "ECA": "eca"}
POSITIONS = {"1": "neck", "2": "all_heads"}
MINI_WIDTH = 0.125
V6_LAYERS = ("stem", "ERBlock_2", "ERBlock_3", "ERBlock_4", "ERBlock_5", "Rep_p4", "Rep_p3", "Rep_n3", "Rep_n4")


class UnknownModelError(Exception):
    """A reference model that no preset stands for."""


def overrides(model: str, args: dict[str, Any]) -> list[str]:
    """The command-line overrides that stand for a reference model's name."""
    found = [f"num_classes={args['nc']}", "image_size=640"]
    v8 = re.fullmatch(
        r"yolov8([nsmlx])(?:\(.*\))?(-seg)?(?:-(?:C2f_)?(ghost|dynamic|GhostDynamicConv|DynamicConv))?", model
    )
    if v8:
        scale, segment, block = v8.groups()
        found += ["model=yolov8", f"scale={scale}"]
        found += ["head=v8_segment"] if segment else []
        if block:
            found.append(f"block=c2f_{'ghost_dynamic' if 'host' in block else 'dynamic'}")
        return found
    v9 = re.fullmatch(r"yolov9(seed|mini|\(seed-000.*?\))(?:\+(\w+)@(?:pos)?([12]))?", model)
    if v9:
        kind, attention, position = v9.groups()
        found.append("model=yolov9")
        if kind == "mini":
            found.append(f"scale.width={args['rows'][1][3][0] / 64 if 'rows' in args else MINI_WIDTH}")
        if attention:
            found += [f"attention={ATTENTIONS[attention]}", f"insert_pos={POSITIONS[position]}"]
        return found
    sized = re.fullmatch(r"(yolov9|gelan)-([tsmce])", model)
    if sized:
        return [*found, f"model={sized[1]}_{sized[2]}"]
    if model.startswith("gelan(") or model == "gelan":
        return [*found, "model=gelan"]
    v6 = re.fullmatch(r"yolov6([nts])(-0\.1\.0)?", model)
    if v6:
        return [*found, "model=yolov6", f"scale={v6[1]}"]
    raise UnknownModelError(model)


def layer_nodes(detector: Detector) -> dict[int, str]:
    """The reference's layer numbers of YOLOv8 and YOLOv9 as node names: they are listed in the same order.

    YOLOv9's graphs that reread the image begin with a layer that passes it on.
    """
    readers = sum("image" in node.inputs for node in detector.graph.nodes)
    return {index + (readers > 1): name for index, name in enumerate(detector.graph.names)}


def our_key(key: str, detector: Detector, layers: dict[int, str]) -> str:
    """A reference state key as ours."""
    if isinstance(detector.head, EffiDe):
        section, _, rest = key.partition(".")
        return f"head.{rest}" if section == "detect" else f"{section}.{v6_name(rest)}"
    _, number, rest = key.split(".", 2)
    return f"{layers[int(number)]}.{rest}"


def load(detector: Detector, state: dict[str, Tensor]) -> None:
    layers = layer_nodes(detector)
    detector.load_state_dict({our_key(key, detector, layers): value for key, value in state.items()}, strict=True)


def formula_state(case: Case) -> dict[str, Tensor]:
    """Weights by the rule that the case states, stored ones where it stores them."""
    gain, base = case.args["gain"], case.args["base_seed"]
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
    detector = yololab.build(overrides(case.args["model"], case.args)).eval()
    state = formula_state(case) if case.kind == "e2e_formula" else case.group("state")
    load(detector, state)
    if "params" in case.content:
        assert sum(p.numel() for p in detector.parameters()) == case.content["params"]
    recorded: dict[str, Tensor] = {}
    hooks = [
        detector.node(name).register_forward_hook(lambda _, __, out, name=name: recorded.__setitem__(name, out))
        for name in detector.graph.names[:-1]
    ]
    image = case.tensor("in/x")
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
        elif key in ("y", "aux", "main"):
            _check_decoded(case, found[key], want, key)
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
    classes = 4 + case.args["nc"] + (case.content["family"] == "v6")
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

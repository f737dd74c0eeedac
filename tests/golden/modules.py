"""Single modules: build ours from the reference's arguments, load its weights, compare outputs."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from golden.case import Case, assert_close
from golden.constructors import MAKERS
from yololab import blocks, heads
from yololab.blocks.base import deploy_children
from yololab.config.trust import trusting
from yololab.errors import did_you_mean
from yololab.graph.build import build_graph
from yololab.graph.node import IMAGE
from yololab.graph.parse import parse_graph
from yololab.heads.prototypes import FusedProto, Proto
from yololab.metrics.nms import NMSConfig, suppress
from yololab.structures import HeadMaps

WRITTEN_BY = re.compile(r"(yolov9|y9|ultralytics|ul82|ul84|yolov8|yolov6|v6|seed).*")
"""Whose modules the constructors describe, where a name says it: "DFL(yolov9)" is a DFL."""


def module_name(case: Case) -> str:
    """The class that a case names, without its source."""
    name, _, source = case.content["module"].partition("(")
    known = {*MAKERS, *SECTIONS}
    if case.content["module"] in known:
        return case.content["module"]
    if name not in known or (source and not WRITTEN_BY.fullmatch(source)):
        pytest.fail(f"case {case.id}: module {case.content['module']} is not known{did_you_mean(name, known)}")
    return name


def build_module(case: Case) -> nn.Module:
    """Our module for the case's, with its arguments."""
    name = module_name(case)
    with case.arguments(f"module {name}") as arguments:
        return MAKERS[name](arguments)


def check_module(case: Case) -> None:
    name = module_name(case)
    case.only_mode("eval")
    case.only_tensors("in", "out", "state", "out_deploy", "deploy_state", "grad")
    if name in SECTIONS:
        SECTIONS[name](case)
        return
    module = build_module(case)
    set_bn_eps(module, case.content["bn_eps"])
    module.load_state_dict(case.group("state"), strict=True)
    module.eval()
    outputs = _outputs(name, module, case)
    for key, want in case.group("out").items():
        if key == "detections":
            check_detections(outputs[key], case, case.tolerance)
        elif key != "detections_stable":
            assert_close(outputs[key], want, case.tolerance, f"{case.id} {key}")
    check_gradients(case, name, module)
    if case.group("out_deploy"):
        deployed = deploy_children(module)
        outputs = _outputs(name, deployed, case)
        for key, want in case.group("out_deploy").items():
            assert_close(outputs[key], want, case.tolerance, f"{case.id} deployed {key}")
        check_deployed_state(case, deployed)


def check_detections(
    got: Tensor, case: Case, tolerance: dict[str, float], columns: slice = slice(None)
) -> None:  # fmt: skip
    """Rows whose scores are apart from their neighbours'; others may stand in another order."""
    want, stable = case.tensor("out/detections"), case.tensor("out/detections_stable").bool()
    want, stable = want[:, : got.shape[1]], stable[:, : got.shape[1]]
    assert bool(stable.any()), f"{case.id}: no row of detections is stable"
    rows = got[:, : want.shape[1]][stable][:, columns]
    assert_close(rows, want[stable][:, columns], tolerance, f"{case.id} detections")


def check_gradients(case: Case, name: str, module: nn.Module) -> None:
    """Of the sum of the output times in/gy, for the input and every parameter that the case holds."""
    if "in/gy" not in case.arrays:
        return
    inputs = {key: case.tensor(f"in/{key}").requires_grad_() for key in input_names(case)}
    module.zero_grad()
    output = module(*inputs.values()) if len(inputs) == 1 or not isinstance(module, heads.Head) else None
    if isinstance(module, Proto | FusedProto):
        output = output[0]
    assert isinstance(output, Tensor), f"{case.id}: gradients of {name} are not supported"
    (output * case.tensor("in/gy")).sum().backward()
    if name == "A2C2f" and case.args.get("area", 1) > 1:
        # The stored gradients contradict the central differences of the very module whose output is equal: what is
        # behind the second block's qkv agrees, what is before it is off by as much as it is large. (torch 2.15, CPU.)
        assert_numerically_right(module, inputs["x"], case)
        return
    own = dict(module.named_parameters())
    for key, want in case.group("grad").items():
        parameter = own[key.removeprefix("param/")] if key.startswith("param/") else inputs[key]
        got = torch.zeros_like(want) if parameter.grad is None else parameter.grad.reshape(want.shape)
        assert_close(got, want, case.tolerance.get("grad", case.tolerance), f"{case.id} gradient of {key}")


def assert_numerically_right(module: nn.Module, x: Tensor, case: Case) -> None:
    """The gradient of the input against central differences in float64, along random directions."""
    exact, step = copy.deepcopy(module).double(), 1e-6
    weights, place = case.tensor("in/gy").double(), x.detach().double().requires_grad_()
    (exact(place) * weights).sum().backward()
    torch.testing.assert_close(x.grad, place.grad.float(), rtol=1e-3, atol=2e-4)
    generator = torch.Generator().manual_seed(0)
    for _ in range(8):
        way = torch.randn(x.shape, generator=generator, dtype=torch.float64)
        with torch.no_grad():
            ahead, behind = ((exact(x.double() + sign * step * way) * weights).sum() for sign in (1, -1))
        want = (ahead - behind) / (2 * step)
        got = (place.grad * way).sum()
        assert abs(got - want) < 1e-5 * max(1.0, abs(float(want))), f"{case.id}: {got} along a direction, {want}"


def input_names(case: Case) -> list[str]:
    """x, or x0, x1, ..."""
    return sorted(key.removeprefix("in/") for key in case.arrays if key.startswith("in/x"))


def check_deployed_state(case: Case, deployed: nn.Module) -> None:
    """The kernels that the reference re-parameterises; it leaves plain Conv + BN unfolded, ours does not."""
    want, got = case.group("deploy_state"), deployed.state_dict()
    for key, value in want.items():
        place = key.rpartition("conv.")[0]
        unfolded = "conv." in key and any(other.startswith(f"{place}bn.") for other in want)
        if not unfolded and ".bn." not in f".{key}":
            ours = key.replace("rbr_reparam.", "conv.")
            assert_close(got[ours], value, case.tolerance, f"{case.id} deployed {key}")


def set_bn_eps(module: nn.Module, eps: float | None) -> None:
    for child in module.modules():
        if isinstance(child, nn.BatchNorm2d) and eps is not None:
            child.eps = eps


@torch.no_grad()
def _outputs(name: str, module: nn.Module, case: Case) -> dict[str, Tensor]:
    if name == "CBFuse":
        splits = [
            tuple(case.tensor(f"in/s{i}_{j}") for j in range(count)) for i, count in enumerate(case.args["splits"])
        ]
        return {"y": module(*splits, case.tensor("in/x"))}
    if isinstance(module, heads.Head):
        return head_outputs(module, case.numbered("in/x"))
    output = module(*(case.tensor(f"in/{key}") for key in input_names(case)))
    if isinstance(module, Proto | FusedProto):
        return {"y": output[0]}
    if isinstance(output, tuple):
        return {f"y{i}": value for i, value in enumerate(output)}
    return {"y": output}


def head_outputs(head: heads.Head, features: list[Tensor]) -> dict[str, Tensor]:
    """The head's raw maps and decoded outputs under the reference's names and in its layouts."""
    found: dict[str, Tensor] = {}
    maps = head(features)
    single = len(maps) == 1
    for branch, raw in maps.items():
        suffix = "" if single else f"_{branch}"
        decoded = reference_layout(head, raw, branch)
        found["y" if single else branch] = decoded
        for level, value in enumerate(raw.levels):
            found[f"raw{suffix}{level}"] = _raw_layout(head, value)
        if raw.prototypes is not None:
            found["proto"] = raw.prototypes
            found[f"mask_coeff{suffix}"] = decoded[:, 4 + head.num_classes :]
    if heads.ONE_TO_ONE in maps:
        found["detections"] = best_rows(head, maps[heads.ONE_TO_ONE])
    return found


def best_rows(head: heads.Head, maps: HeadMaps) -> Tensor:
    """x1, y1, x2, y2, score, class [, mask coefficients] of the 300 best of a one-to-one branch, none suppressed."""
    head.answer = heads.ONE_TO_ONE
    config = NMSConfig(confidence=-1.0, iou=0.7, max_detections=300, multi_label=True, nms="none")
    rows = []
    for one in suppress(head.detections(maps), config):
        parts = [one.boxes_xyxy, one.scores[:, None], one.labels[:, None].float()]
        rows.append(torch.cat(parts if one.mask_coefficients is None else [*parts, one.mask_coefficients], dim=1))
    return torch.stack(rows)


def reference_layout(head: heads.Head, maps: HeadMaps, branch: str = "main") -> Tensor:
    """cx, cy, w, h, scores: (B, 4 + nc [+ masks], N); YOLOv6 (B, N, 4 + objectness + nc)."""
    decoded = head.decode(maps, branch)
    low, high = decoded.boxes_xyxy.split(2, dim=-1)
    parts = [(low + high) / 2, high - low]
    if decoded.objectness_logits is not None:
        parts.append(decoded.objectness_logits.sigmoid().unsqueeze(-1))
    parts.append(decoded.class_logits.sigmoid())
    if decoded.mask_coefficients is not None:
        parts.append(decoded.mask_coefficients)
    joined = torch.cat(parts, dim=-1)
    return joined if isinstance(head, heads.EffiDe) else joined.transpose(1, 2)


def _raw_layout(head: heads.Head, value: Tensor) -> Tensor:
    if isinstance(head, heads.EffiDe):
        return value.permute(0, 2, 3, 1).unsqueeze(1)
    if head.predicts_masks:
        return value[:, : -head.num_prototypes]
    return value


V6_NECK = {
    "Rep_p4": "td4",
    "Rep_p3": "td3",
    "Rep_n3": "bu4",
    "Rep_n4": "bu5",
    "reduce_layer0": "reduce5",
    "Bifusion0": "fuse4d",
    "Bifusion1": "fuse3d",
    "upsample0": "up4",
    "reduce_layer1": "reduce4",
    "upsample1": "up3",
    "downsample2": "down4",
    "downsample1": "down5",
}


def v6_name(key: str) -> str:
    """A reference key of YOLOv6's backbone or neck (without its section) as ours."""
    head, _, rest = key.partition(".")
    if head == "stem":
        return key
    if head.startswith("ERBlock_"):
        level, (index, _, rest) = head[-1], rest.partition(".")
        return f"{ {'0': f'down{level}', '1': f'stage{level}', '2': 'spp'}[index] }.{rest}"
    return f"{V6_NECK[head]}.{rest}"


def _v6_backbone(case: Case) -> None:
    with case.arguments("module EfficientRep") as arguments:
        channels, repeats = arguments.take("channels_list"), arguments.take("num_repeats")
        arguments.only("in_channels", 3, reason="graphs read images")
        arguments.only("block", "RepVGGBlock")
    nodes: dict[str, Any] = {"stem": {"block": "RepVGG", "from": "image", "channels": channels[0], "stride": 2}}
    last = "stem"
    for level in (2, 3, 4, 5):
        width = channels[level - 1]
        nodes[f"down{level}"] = {"block": "RepVGG", "from": last, "channels": width, "stride": 2}
        nodes[f"stage{level}"] = {
            "block": "RepBlock",
            "from": f"down{level}",
            "channels": width,
            "repeats": repeats[level - 1],
        }
        last = f"stage{level}"
    nodes["spp"] = {"block": "SPPF", "from": last, "channels": channels[4], "activation": "relu"}
    _check_section(case, {"backbone": {"nodes": nodes}}, ["backbone.stage3", "backbone.stage4", "backbone.spp"], {})


def _v6_neck(case: Case) -> None:
    with case.arguments("module RepPANNeck") as arguments:
        c, n = arguments.take("channels_list"), arguments.take("num_repeats")
        arguments.only("block", "RepVGGBlock")
    inputs = {f"p{i + 3}": tensor for i, tensor in enumerate(case.numbered("in/x"))}
    sources = {
        name: {
            "block": "golden.modules.Source",
            "from": IMAGE,
            "channels": tensor.shape[1],
            "stride": 2 ** int(name[1]),
        }
        for name, tensor in inputs.items()
    }
    conv = {"block": "Conv", "activation": "relu"}
    nodes = {
        "reduce5": {**conv, "from": "backbone.p5", "channels": c[5]},
        "up4": {"block": "TransposedUpsample", "from": "reduce5", "channels": c[5]},
        "cat4": {"block": "Concat", "from": ["up4", "backbone.p4"]},
        "td4": {"block": "RepBlock", "from": "cat4", "channels": c[5], "repeats": n[5]},
        "reduce4": {**conv, "from": "td4", "channels": c[6]},
        "up3": {"block": "TransposedUpsample", "from": "reduce4", "channels": c[6]},
        "cat3": {"block": "Concat", "from": ["up3", "backbone.p3"]},
        "td3": {"block": "RepBlock", "from": "cat3", "channels": c[6], "repeats": n[6]},
        "down4": {**conv, "from": "td3", "channels": c[7], "kernel_size": 3, "stride": 2},
        "fuse4": {"block": "Concat", "from": ["down4", "reduce4"]},
        "bu4": {"block": "RepBlock", "from": "fuse4", "channels": c[8], "repeats": n[7]},
        "down5": {**conv, "from": "bu4", "channels": c[9], "kernel_size": 3, "stride": 2},
        "fuse5": {"block": "Concat", "from": ["down5", "reduce5"]},
        "bu5": {"block": "RepBlock", "from": "fuse5", "channels": c[10], "repeats": n[8]},
    }
    sections = {"backbone": {"nodes": sources}, "neck": {"nodes": nodes}}
    _check_section(case, sections, ["neck.td3", "neck.bu4", "neck.bu5"], inputs)


class Source(blocks.Block):
    """Stands for a backbone: yields a stored tensor."""

    def __init__(self, in_channels: int, *, channels: int, stride: int) -> None:
        super().__init__()
        self.value = torch.empty(0)

    def forward(self, x: Tensor) -> Tensor:
        return self.value


def _check_section(case: Case, sections: Any, outputs: list[str], inputs: dict[str, Tensor]) -> None:
    """Build a graph of these sections, load the reference's weights and compare what the head would read."""
    from yololab.detector import Detector

    head = {"block": "yololab.heads.Detect", "from": outputs, "num_classes": 1}
    with trusting([__name__]):  # Source stands here, and not in yololab
        detector = Detector(build_graph(parse_graph(case.id, sections, head))).eval()
    own = list(sections)[-1]
    for name, tensor in inputs.items():
        detector.node(f"backbone.{name}").value = tensor
    set_bn_eps(detector, case.content["bn_eps"])
    state = {v6_name(key): value for key, value in case.group("state").items()}
    detector.get_submodule(own).load_state_dict(state, strict=True)
    image = case.tensor("in/x") if "in/x" in case.arrays else torch.zeros(1, 3, 32, 32)
    for form, model in (("out", detector), ("out_deploy", detector.deploy())):
        with torch.no_grad():
            features = model.features(image)
        for index, feature in enumerate(features):
            assert_close(feature, case.tensor(f"{form}/y{index}"), case.tolerance, f"{case.id} {form} {index}")


SECTIONS: dict[str, Callable[[Case], None]] = {"EfficientRep": _v6_backbone, "RepPANNeck": _v6_neck}

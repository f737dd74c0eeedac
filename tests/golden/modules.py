"""Single modules: build ours from the reference's arguments, load its weights, compare outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from golden.case import Case, assert_close
from yololab import attention, blocks, heads
from yololab.blocks.base import deploy_children
from yololab.graph.build import build_graph
from yololab.graph.node import IMAGE
from yololab.graph.parse import parse_graph
from yololab.heads.dfl import DFL
from yololab.heads.segment import Proto
from yololab.structures import HeadMaps

Arguments = dict[str, Any]


def _c2f(block: type) -> Callable[[Arguments], nn.Module]:
    def make(a: Arguments) -> nn.Module:
        return block(a["c1"], channels=a["c2"], repeats=a.get("n", 1), **_shortcut(a))

    return make


def _shortcut(a: Arguments) -> Arguments:
    return {"shortcut": a["shortcut"]} if "shortcut" in a else {}


def _c3_dynamic(block: type) -> Callable[[Arguments], nn.Module]:
    # The tutorial's C3 variants default to no residual, upstream's own C3 to one.
    return lambda a: block(a["c1"], channels=a["c2"], repeats=a.get("n", 1), shortcut=a.get("shortcut", False))


def _head(block: type, **extra: str) -> Callable[[Arguments], nn.Module]:
    def make(a: Arguments) -> nn.Module:
        strides = a.get("stride", [8, 16, 32])
        repeated = strides * (len(a["ch"]) // len(strides))
        named = {ours: a[theirs] for ours, theirs in extra.items()}
        return block(a["ch"], strides=repeated, num_classes=a["nc"], **named)

    return make


def _v6(a: Arguments) -> Arguments:
    keys = {"out_channels": "channels", "stride": "stride", "groups": "groups", "kernel_size": "kernel_size"}
    return {ours: a[theirs] for theirs, ours in keys.items() if theirs in a}


MAKERS: dict[str, Callable[[Arguments], nn.Module]] = {
    "GAM": lambda a: attention.GAM(a["in_channels"], rate=a.get("rate", 4)),
    "CBAM": lambda a: attention.CBAM(a["c1"], kernel_size=a.get("kernel_size", 7)),
    "CoordAtt": lambda a: attention.CoordAtt(a["inp"], reduction=a.get("reduction", 32)),
    "ECA": lambda a: attention.ECA(a["channel"], kernel_size=a.get("k_size", 3)),
    "Conv": lambda a: blocks.Conv(a["c1"], channels=a["c2"], kernel_size=a.get("k", 1), stride=a.get("s", 1)),
    "RepConvN": lambda a: blocks.RepConv(a["c1"], channels=a["c2"], stride=a.get("s", 1), groups=a.get("g", 1)),
    "RepNCSP": lambda a: blocks.RepNCSP(a["c1"], channels=a["c2"], repeats=a.get("n", 1), **_shortcut(a)),
    "RepNCSPELAN4": lambda a: blocks.RepNCSPELAN(
        a["c1"], channels=a["c2"], hidden=a["c3"], inner=a["c4"], repeats=a.get("c5", 1)
    ),
    "SPPELAN": lambda a: blocks.SPPELAN(a["c1"], channels=a["c2"], hidden=a["c3"]),
    "ADown": lambda a: blocks.ADown(a["c1"], channels=a["c2"]),
    "AConv": lambda a: blocks.AConv(a["c1"], channels=a["c2"]),
    "ELAN1": lambda a: blocks.ELAN(a["c1"], channels=a["c2"], hidden=a["c3"], inner=a["c4"]),
    "CBLinear": lambda a: blocks.CBLinear(a["c1"], splits=a["c2s"]),
    "CBFuse": lambda a: blocks.CBFuse((), indices=a["idx"]),
    "DFL": lambda a: DFL(a["c1"]),
    "DDetect": _head(heads.DDetect),
    "DualDDetect": _head(heads.DualDDetect),
    "Detect": _head(heads.Detect),
    "Segment": _head(heads.Segment, num_prototypes="nm", prototype_channels="npr"),
    "EffiDeHead": _head(heads.EffiDe),
    "DynamicConv": lambda a: blocks.DynamicConv(
        a["c1"], channels=a["c2"], kernel_size=a.get("k", 1), stride=a.get("s", 1), groups=a.get("g", 1)
    ),
    "GhostModule": lambda a: blocks.GhostDynamic(a["inp"], channels=a["oup"], ratio=a.get("ratio", 2)),
    "Bottleneck": lambda a: blocks.Bottleneck(a["c1"], channels=a["c2"], expansion=a.get("e", 0.5), **_shortcut(a)),
    "Bottleneck_DynamicConv": lambda a: blocks.DynamicBottleneck(a["c1"], channels=a["c2"], **_shortcut(a)),
    "C2f": _c2f(blocks.C2f),
    "C2f_DynamicConv": _c2f(blocks.C2fDynamic),
    "C2f_GhostDynamicConv": _c2f(blocks.C2fGhostDynamic),
    "C3": _c2f(blocks.C3),
    "C3_DynamicConv": _c3_dynamic(blocks.C3Dynamic),
    "C3_GhostDynamicConv": _c3_dynamic(blocks.C3GhostDynamic),
    "SPPF": lambda a: blocks.SPPF(a["c1"], channels=a["c2"], kernel_size=a.get("k", 5)),
    "Proto": lambda a: Proto(a["c1"], a["c_"], a["c2"]),
    "RepVGGBlock": lambda a: blocks.RepVGG(a["in_channels"], **_v6(a)),
    "RepBlock": lambda a: blocks.RepBlock(a["in_channels"], channels=a["out_channels"], repeats=a.get("n", 1)),
    "SimSPPF": lambda a: blocks.SPPF(a["in_channels"], activation="relu", **_v6(a)),
    "SimConv": lambda a: blocks.Conv(a["in_channels"], activation="relu", **_v6(a)),
    "Transpose": lambda a: blocks.TransposedUpsample(a["in_channels"], channels=a["out_channels"]),
}


def check_module(case: Case) -> None:
    name = case.content["module"].partition("(")[0]  # "DFL(yolov9)" is a DFL
    if name in SECTIONS:
        SECTIONS[name](case)
        return
    module = MAKERS[name](case.args)
    set_bn_eps(module, case.content["bn_eps"])
    module.load_state_dict(case.group("state"), strict=True)
    module.eval()
    outputs = _outputs(name, module, case)
    for key, want in case.group("out").items():
        assert_close(outputs[key], want, case.tolerance, f"{case.id} {key}")
    if "out_deploy/y" in case.arrays:
        deployed = deploy_children(module)
        assert_close(
            _outputs(name, deployed, case)["y"], case.tensor("out_deploy/y"), case.tolerance, f"{case.id} deployed"
        )


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
    output = module(case.tensor("in/x"))
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
            found["mask_coeff"] = decoded[:, 4 + head.num_classes :]
    return found


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
    if isinstance(head, heads.Segment):
        return value[:, : -head.num_prototypes]
    return value


V6_NECK = {
    "Rep_p4": "td4",
    "Rep_p3": "td3",
    "Rep_n3": "bu4",
    "Rep_n4": "bu5",
    "reduce_layer0": "reduce5",
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
    channels, repeats = case.args["channels_list"], case.args["num_repeats"]
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
    c, n = case.args["channels_list"], case.args["num_repeats"]
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

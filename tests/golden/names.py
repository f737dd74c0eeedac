"""The references' names of models, read part by part: `yolov8x-seg-C2f_DynamicConv`, `yolov9(seed-000)+CBAM@pos1`.

NAME = SYSTEM [SIZE] [SUFFIX ...] [+ATTENTION@POSITION] with notes in parentheses anywhere. A note may set what a preset
leaves open ("depth 1.33", "ReLU"); its other words say where a model comes from ("seed-000", "upstream HEAD yaml").
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

ATTENTIONS = {"CBAM": "cbam", "GAM": "gam", "CoordAtt": "ca", "CA": "ca", "ECA": "eca"}
POSITIONS = {"1": "neck", "2": "all_heads"}
BLOCKS = {
    "ghost": "c2f_ghost_dynamic",
    "ghostdynamic": "c2f_ghost_dynamic",
    "ghostdynamicconv": "c2f_ghost_dynamic",
    "c2f_ghostdynamicconv": "c2f_ghost_dynamic",
    "dynamic": "c2f_dynamic",
    "dynamicconv": "c2f_dynamic",
    "c2f_dynamicconv": "c2f_dynamic",
    "c3_ghostdynamicconv": "c3_ghost_dynamic",
    "c3_dynamicconv": "c3_dynamic",
}
SETTINGS = {
    "depth": "scale.depth",
    "width": "scale.width",
    "max_channels": "scale.max_channels",
    "num_experts": "block.num_experts",
}
"""What a note or an argument may set -> our override."""
ACTIVATIONS = ("SiLU", "ReLU")
YOLOX_SIZES = {"nano": "n", "tiny": "t", "s": "s", "m": "m", "l": "l", "x": "x"}
V6_SIZES = {"n": "n", "nano": "n", "t": "t", "tiny": "t", "s": "s", "small": "s"}
UNDERSTOOD = (
    "yolov8[nsmlx][-seg|-p2|-p6|-c3ghost][-BLOCK] with BLOCK ghost, dynamic, C2f_GhostDynamicConv, C2f_DynamicConv, "
    "C3_...; yolo11, yolo12, yolo26 [nsmlx][-p2|-p6][-seg]; yolov10[nsmblx]; yolov5[nsmlx][6]u; yolov3[-tiny|-spp]; "
    "yolov9, yolov9seed, yolov9mini, yolov9-[tsmce]; gelan, gelan-[tsmce], each with +CBAM|GAM|CoordAtt|ECA@1|2; "
    "yolov6[nts] or yolov6_tiny, with -0.1.0; yolov6[nsml]-HEAD; "
    "yolox-[nano|tiny|s|m|l|x]; notes such as (depth 1.33), (ReLU) or (upstream HEAD yaml)"
)


class UnknownModelError(Exception):
    """A reference model that no preset stands for."""

    def __init__(self, name: str, reason: str = "") -> None:
        super().__init__(f"no preset stands for {name!r}{f': {reason}' if reason else ''}; understood are {UNDERSTOOD}")


@dataclass
class Model:
    """The command-line overrides that stand for a name, and the activation where it is not the preset's."""

    overrides: list[str]
    activation: str | None = None
    is_mini: bool = False
    settings: dict[str, Any] = field(default_factory=dict)


def parse_name(name: str) -> Model:
    """Read a reference's name; UnknownModelError where no preset stands for it."""
    notes = re.findall(r"\(([^()]*)\)", name)
    bare = re.sub(r"\s*\([^()]*\)", "", name).strip()
    system = re.match(r"yolox|yolov10|yolov3|yolov5|yolov6|yolov8|yolov9|gelan|yolo11|yolo12|yolo26", bare)
    if system is None:
        raise UnknownModelError(name)
    rest = bare[system.end() :]
    rest, _, attention = rest.partition("+")
    is_later = system[0] == "yolov6" and "HEAD" in (*re.split(r"[-_ ]", rest), *" ".join(notes).split())
    model = {
        "yolov6": _yolov6_3 if is_later else _yolov6,
        "yolox": _yolox,
        "yolov8": _yolov8,
        "yolov9": _yolov9,
        "gelan": _yolov9,
        "yolo11": _yolo11,
        "yolo12": _yolo11,
        "yolo26": _yolo26,
        "yolov10": _yolov10,
        "yolov5": _yolov5,
        "yolov3": _yolov3,
    }[system[0]](name, system[0], rest)
    if attention:
        _insert(name, model, attention)
    for note in notes:
        _read_note(name, model, note, system[0])
    return model


def _yolov8(name: str, system: str, rest: str) -> Model:
    """yolov8n-seg-C2f_DynamicConv; without a letter the reference takes n (NOTES.md, S2.10)."""
    size = re.match(r"[nsmlx](?=[-_]|$)", rest)
    model = Model(["model=yolov8", f"scale={size[0] if size else 'n'}"])
    for suffix in _suffixes(name, rest[1:] if size else rest):
        if suffix == "seg":
            model.overrides.append("head=v8_segment")
        elif suffix in ("p2", "p6", "c3ghost"):
            model.overrides[0] = f"model=yolov8_{suffix.removeprefix('c3')}"
        elif suffix.lower() in BLOCKS:
            model.overrides.append(f"block={BLOCKS[suffix.lower()]}")
        else:
            raise UnknownModelError(name, f"suffix {suffix!r} is not known")
    return model


def _yolo11(name: str, system: str, rest: str) -> Model:
    """yolo11n, yolo12x-seg."""
    sized = re.fullmatch(r"([nsmlx]?)(-seg)?", rest)
    if sized is None:
        raise UnknownModelError(name, f"cannot read {rest!r}")
    masks = ["head=segment_light"] if sized[2] else []
    return Model([f"model={system}", f"scale={sized[1] or 'n'}", *masks])


def _yolo26(name: str, system: str, rest: str) -> Model:
    """yolo26n, yolo26x-seg, yolo26s-p2."""
    sized = re.fullmatch(r"([nsmlx]?)(-p[26])?(-seg)?", rest)
    if sized is None:
        raise UnknownModelError(name, f"cannot read {rest!r}")
    model = system + (sized[2] or "").replace("-", "_")
    masks = ["head=one_to_one_segment"] if sized[3] else []
    return Model([f"model={model}", f"scale={sized[1] or 'n'}", *masks])


def _yolov10(name: str, system: str, rest: str) -> Model:
    """yolov10n to yolov10x, b among them."""
    sized = re.fullmatch(r"[nsmblx]", rest)
    if sized is None:
        raise UnknownModelError(name, f"size {rest!r} is not known")
    return Model([f"model={system}", f"scale={rest}"])


def _yolov5(name: str, system: str, rest: str) -> Model:
    """yolov5nu, yolov5x6u, yolov5s-p6: the graphs of YOLOv5 under the anchor-free head."""
    sized = re.fullmatch(r"([nsmlx]?)(6|-p6)?(u?)(-p6)?", rest)
    if sized is None:
        raise UnknownModelError(name, f"size {rest!r} is not known")
    coarse = "_p6" if sized[2] or sized[4] else ""
    return Model([f"model={system}{coarse}", f"scale={sized[1] or 'n'}"])


def _yolov3(name: str, system: str, rest: str) -> Model:
    """yolov3, yolov3-tiny, yolov3u-spp."""
    kind = re.fullmatch(r"u?(-tiny|-spp)?u?", rest)
    if kind is None:
        raise UnknownModelError(name, f"cannot read {rest!r}")
    return Model([f"model={system}{(kind[1] or '').replace('-', '_')}"])


def _suffixes(name: str, rest: str) -> list[str]:
    """Parts behind "-" (or "_", which also joins C2f_DynamicConv)."""
    parts = re.findall(r"[-_]((?:C[23]f?_)?[A-Za-z0-9.]+)", rest)
    if "".join(f"-{part}" for part in parts).replace("_", "-") != rest.replace("_", "-"):
        raise UnknownModelError(name, f"cannot read {rest!r}")
    return parts


def _yolov9(name: str, system: str, rest: str) -> Model:
    """yolov9seed, yolov9mini, yolov9-c, gelan, gelan-c; yolov9c without "-" is ultralytics'."""
    sized = re.fullmatch(r"[-_]([tsmce])", rest)
    if sized:
        return Model([f"model={system}_{sized[1]}"])
    plain = re.fullmatch(r"[tsmce]", rest)
    if plain and system == "yolov9":  # ultralytics': GELAN under YOLOv8's head (NOTES2.md, F5)
        return Model([f"model=gelan_{rest}", "head=detect"])
    if rest.lstrip("-_") in ("", "seed", "mini"):
        return Model([f"model={system}"], is_mini="mini" in rest)
    raise UnknownModelError(name, f"size {rest!r} is not known")


def _yolov6(name: str, system: str, rest: str) -> Model:
    """yolov6n, yolov6_tiny, yolov6s-0.1.0."""
    sized = re.fullmatch(r"[-_ ]?([a-z]+)(?:[-_ ]v?0\.1\.0)?", rest)
    if sized is None or sized[1] not in V6_SIZES:
        raise UnknownModelError(name, f"release 0.1.0 has the sizes {', '.join(V6_SIZES)}")
    return Model(["model=yolov6", f"scale={V6_SIZES[sized[1]]}"])


def _yolov6_3(name: str, system: str, rest: str) -> Model:
    """yolov6n-HEAD: the graphs of release 3.0."""
    sized = re.fullmatch(r"[-_ ]?([nsml])(?:[-_ ](?:HEAD|v?3\.0))?", rest)
    if sized is None:
        raise UnknownModelError(name, "release 3.0 has the sizes n, s, m, l")
    return Model(["model=yolov6_3", f"scale={sized[1]}"])


def _yolox(name: str, system: str, rest: str) -> Model:
    """yolox-s, yolox_tiny."""
    size = rest.lstrip("-_ ")
    if size not in YOLOX_SIZES:
        raise UnknownModelError(name, f"the sizes are {', '.join(YOLOX_SIZES)}")
    return Model([f"model={system}", f"scale={YOLOX_SIZES[size]}"])


def _insert(name: str, model: Model, text: str) -> None:
    found = re.fullmatch(r"(\w+)@(?:pos(?:ition)?\s?)?(\d)", text)
    if found is None or found[1] not in ATTENTIONS or found[2] not in POSITIONS:
        known = f"{'|'.join(ATTENTIONS)}@{'|'.join(POSITIONS)}"
        raise UnknownModelError(name, f"attention {text!r} is not known, only {known}")
    model.overrides += [f"attention={ATTENTIONS[found[1]]}", f"insert_pos={POSITIONS[found[2]]}"]


def _read_note(name: str, model: Model, note: str, system: str) -> None:
    """Settings by name, activations; "x=1" that nobody knows is refused, prose is provenance."""
    note = re.sub(r"(depth|width)[ _]multiple", r"\1", note)
    for key, value in re.findall(r"([A-Za-z]\w*)\s*[ =:]\s*(\d[\d.]*\d|\d)", note):
        if key in SETTINGS:
            model.settings[key] = float(value) if "." in value else int(value)
        elif re.search(rf"{key}\s*[=:]", note):
            raise UnknownModelError(name, f"setting {key}={value} is not known, only {', '.join(SETTINGS)}")
    for activation in ACTIVATIONS:
        if re.search(rf"\b{activation}\b", note):
            model.activation = activation.lower()
    if "HEAD" in note.split() and system in ("yolov9", "gelan") and model.activation is None:
        model.activation = "relu"  # NOTES.md, S0.1: upstream's present YAML of the same graph

"""Write docs/catalogue.md: every part that one word chooses, its source, its cost, and what it is compared with.

python scripts/write_catalogue.py
"""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from yololab.cli.catalogue_command import PARTS, part_of
from yololab.config.catalogue import GROUPS, choices_of
from yololab.config.place import conf_dir

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "catalogue.md"
sys.path.insert(0, str(ROOT / "tests"))
HEAD = """# Catalogue

What one word chooses, written by `python scripts/write_catalogue.py`; `yololab catalogue [GROUP]` prints it.
Parameters and GFLOPs are those of YOLO11n with the part (of a model: its own at its first scale), in deploy form, 80
classes, 640 pixels, true count. "reference" says that outputs, and gradients where they are stored, are compared with
a reference's tensors in `tests/golden`, "figures" that parameters and printed GFLOPs are; every part also keeps the
contract of its group and meets every other in `tests/test_pairwise.py`.

Parts that need a compiled extension are left out: state space models (Mamba, SS2D) and deformable convolution 3 and 4
exist as CUDA kernels of their own, which this package cannot bring along for every system. Dynamic snake convolution is
left out for its cost: two branches of nine samplings beside every 3x3 kernel.
"""


def compared(group: str, name: str) -> str:
    """What the golden cases compare a choice with."""
    from golden.constructors import MAKERS
    from golden.overlap import LOSSES

    if group == "model":
        return "figures"
    if group == "loss":
        return "reference" if name in LOSSES else "equations"
    if name in ("ca", "cpca"):  # their adapters check a second width first
        return "reference"
    if group == "assigner":
        return "" if name == "atss" else "reference"
    content = yaml.safe_load((conf_dir() / group / f"{name}.yaml").read_text()) or {}
    path = content.get("_target_") or content.get("head", {}).get("block") or ""
    classes = {getattr(maker.block, "func", maker.block).__name__ for maker in MAKERS.values()}
    heads = {"OneToOneDetect", "OneToOneSegment", "Detect", "Segment", "DDetect", "DualDDetect", "EffiDe"}
    return "reference" if str(path).rpartition(".")[2] in classes | heads else ""


def page() -> str:
    """The text of docs/catalogue.md."""
    lines = [HEAD]
    for group in PARTS:
        lines += [f"## `{group}=`: {GROUPS[group]}", ""]
        lines += ["| choice | what it is | parameters | GFLOPs | compared with |", "| --- | --- | --- | --- | --- |"]
        for choice in choices_of(group):
            part = part_of(group, choice.name, choice.says)
            cost = "| |" if part.parameters is None else f"{part.parameters:,} | {part.gflops:.3f} |"
            says = part.says.replace("|", "or")
            lines.append(f"| `{part.name}` | {says} | {cost} {compared(group, choice.name)} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page())

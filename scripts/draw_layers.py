"""Draw docs/layers.svg from the imports: packages in the order of their layers, a dot where one imports another.

    python scripts/draw_layers.py          # write it
    python scripts/draw_layers.py --check  # exit with 1 where the file is not what the imports say

Every dot stands below the diagonal: nothing imports what stands above it. import-linter holds that (`make check`).
"""

from __future__ import annotations

import sys
from pathlib import Path

import grimp
import tomllib

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "layers.svg"
CELL, LEFT, TOP = 30, 128, 112
SAYS = {
    "errors": "errors that say what to do",
    "terminal": "text that is only shown",
    "files": "files written whole or not at all",
    "statistics": "seeds, images, families, power",
    "config": "composed, checked, identified",
    "graph": "named nodes, rewritten, built",
    "structures": "what flows between the parts",
    "ops": "boxes, overlaps, grids",
    "blocks": "what a graph is made of",
    "attention": "what is inserted, and its controls",
    "data": "read, checked, augmented, batched",
    "heads": "features to predictions",
    "assigners": "which point learns which box",
    "metrics": "suppression, COCO's numbers",
    "losses": "named terms over an assignment",
    "detector": "a graph as a module; cost, weights",
    "assemble": "configuration to objects",
    "index_graph": "YAML of others read as named graphs",
    "training": "the LightningModule and its callbacks",
    "trackers": "who follows a run",
    "run": "one run, from folder to record",
    "study": "many runs: rows, table, figure",
    "sweep": "plan, launch, tell",
    "inference": "predict, judge, export, time",
    "survey": "what a data set holds",
    "report": "a study or a run on a page",
    "certificate": "a run again, signed",
    "paper": "what a paper needs of a study",
    "drawing": "the picture of a network",
    "pages": "frame and pieces of pages",
    "serve": "a study in a browser, live",
    "cli": "the yololab command",
}


def layers() -> list[str]:
    """Packages from the lowest to the highest, as pyproject.toml has them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    listed = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    return [name.strip() for line in reversed(listed) for name in line.split("|")]


def imports(names: list[str]) -> dict[tuple[str, str], int]:
    """How many modules of one package import modules of another."""
    graph = grimp.build_graph("yololab")
    found: dict[tuple[str, str], int] = {}
    for module in sorted(graph.modules):
        for other in graph.find_modules_directly_imported_by(module):
            pair = (module.split(".")[1:2] or [""])[0], (other.split(".")[1:2] or [""])[0]
            if pair[0] != pair[1] and set(pair) <= set(names):
                found[pair] = found.get(pair, 0) + 1
    return found


def draw() -> str:
    """The picture as SVG."""
    names = layers()
    found = imports(names)
    side = CELL * len(names)
    width, height = LEFT + side + 290, TOP + side + 16
    style = "text{font:13px sans-serif;fill:#24292f}.n{font-size:11px;fill:#fff;text-anchor:middle}.s{fill:#57606a}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" aria-label="Which package imports which">',
        f'<style>{style}</style><rect width="100%" height="100%" fill="#fff"/>',
    ]
    for index, name in enumerate(names):
        middle = CELL * index + CELL // 2
        if index % 2 == 0:
            parts.append(f'<rect x="0" y="{TOP + CELL * index}" width="{width}" height="{CELL}" fill="#f6f8fa"/>')
        parts.append(f'<text x="{LEFT - 10}" y="{TOP + middle + 4}" text-anchor="end">{name}</text>')
        parts.append(f'<text transform="translate({LEFT + middle + 4} {TOP - 10}) rotate(-60)">{name}</text>')
        parts.append(
            f'<rect x="{LEFT + CELL * index + 9}" y="{TOP + CELL * index + 9}" width="12" height="12" fill="#d0d7de"/>'
        )
        parts.append(f'<text class="s" x="{LEFT + side + 14}" y="{TOP + middle + 4}">{SAYS[name]}</text>')
    for (importing, imported), count in sorted(found.items()):
        x, y = (LEFT + CELL * names.index(imported) + CELL // 2, TOP + CELL * names.index(importing) + CELL // 2)
        colour = "#0969da" if names.index(imported) < names.index(importing) else "#cf222e"
        parts.append(f'<circle cx="{x}" cy="{y}" r="11" fill="{colour}"/>')
        parts.append(f'<text class="n" x="{x}" y="{y + 4}">{count}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(PICTURE.read_text() != draw())
    PICTURE.write_text(draw())

"""`yololab graph`: the picture of a network, with what the choices inserted marked."""

from __future__ import annotations

import argparse
from pathlib import Path

from yololab.assemble import make_parts
from yololab.config.compose import compose
from yololab.drawing.graph_nodes import nodes_of
from yololab.drawing.graph_picture import standalone
from yololab.errors import YololabError
from yololab.files import write_text
from yololab.terminal import say


def run(options: argparse.Namespace) -> None:
    """Draw the configuration that the overrides describe; nothing is trained or read."""
    config = compose(options.overrides, options.config_dir)
    title = " ".join(
        [f"model={config['model']['name']}", *(o for o in options.overrides if not o.startswith("model="))]
    )
    path = Path(options.out or f"{config['model']['name']}.svg")
    if path.suffix.lower() != ".svg":
        raise YololabError(f"--out {path}: expected a name that ends in .svg")
    if not path.parent.is_dir():
        raise YololabError(f"--out {path}: no folder {path.parent}")
    nodes = nodes_of(config, make_parts(config).num_classes)
    write_text(path, standalone(title, nodes))
    inserted = [node.name for node in nodes if node.mark == "inserted"]
    exchanged = sum(node.mark == "exchanged" for node in nodes)
    what = f"{len(nodes)} nodes" + (f", inserted: {', '.join(inserted)}" if inserted else "")
    say(f"{path}  ({what}{f', {exchanged} exchanged' if exchanged else ''})")

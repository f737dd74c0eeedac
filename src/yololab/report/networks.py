"""The networks of a study: one picture for each that differs, with what it adds to the plain model marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yololab.errors import YololabError
from yololab.report.contents import Contents
from yololab.run.find import recorded
from yololab.run.folder import RunFolder
from yololab.study.publish import html_text

MOST_NETWORKS = 8


def networks(contents: Contents) -> str:
    """A picture per structure, the first with a marked node open; nothing where no configuration can be built here."""
    found: dict[tuple, tuple[list[str], str]] = {}
    built: set[str] = set()
    if contents.study is None:
        return ""
    for result in contents.table.results:
        record = result.row.first
        fingerprint = str(record.complexity.get("fingerprint"))
        if fingerprint in built or len(built) == MOST_NETWORKS:
            continue
        built.add(fingerprint)
        name = contents.name_of(result)
        try:
            config, classes = recorded(RunFolder(contents.study / record.run_id), record)
            structure, drawn = _draw(name, config, len(classes))
        except YololabError:  # code that is not trusted or not here
            continue
        found.setdefault(structure, ([], drawn))[0].append(name)
    if not found:
        return ""
    marked = [place for place, (_, drawn) in enumerate(found.values()) if 'class="inserted"' in drawn]
    parts = "".join(
        _one("; ".join(names), drawn, place == (marked or [0])[0])
        for place, (names, drawn) in enumerate(found.values())
    )
    told = "Sections side by side, strides from top to bottom; inserted and exchanged nodes are marked."
    return f"<section><h2>Networks</h2><p class=quiet>{told}</p>{parts}</section>"


def _one(name: str, drawn: str, is_open: bool) -> str:
    words = html_text(name)
    return (
        f"<details{' open' * is_open}><summary><b>{words}</b></summary>"
        f'<div class=scroll tabindex=0 role=region aria-label="network of {words}">{drawn}</div></details>'
    )


def _draw(name: str, config: Mapping[str, Any], classes: int) -> tuple[tuple, str]:
    """What makes it look as it does, and the picture."""
    from yololab.drawing.graph_nodes import nodes_of  # brings torch
    from yololab.drawing.graph_picture import picture

    nodes = nodes_of(config, classes)
    structure = tuple((node.name, node.block, node.inputs, node.mark) for node in nodes)
    return structure, picture(f"network of {name}", nodes)

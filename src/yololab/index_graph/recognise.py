"""Whether an imported graph is one of the presets, an attention inserted or stages exchanged: then choices say it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import yaml

from yololab.config.compose import compose
from yololab.config.place import conf_dir
from yololab.config.target import TARGET, arguments_of
from yololab.errors import YololabError
from yololab.graph.from_config import make_graph
from yololab.graph.node import Graph, Node
from yololab.graph.rewrite import drop_unread
from yololab.index_graph.imported_graph import graph_of
from yololab.index_graph.signature import effective, signatures, without_attentions
from yololab.index_graph.translate import PASTED, Imported

CLASSES = 80


def recognise(imported: Imported) -> list[str] | None:
    """The overrides that build exactly this graph, at every scale of its file; None where no choices do."""
    letter = next(iter(imported.scales))
    whole = drop_unread(graph_of(imported, letter, CLASSES))
    bare, attentions = without_attentions(whole)
    if len({_kind(node) for node in attentions}) > 1:
        return None
    for model, blocks in _candidates(bare):
        for scale in _scales_like(imported, letter, model):
            for overrides in _with_blocks([f"model={model}", f"scale={scale}", *_head(imported, model)], blocks):
                base = _graph(overrides)
                if base is None or signatures(base)["head"] != signatures(bare)["head"]:
                    continue
                full = _inserted(overrides, whole, bare, base, attentions)
                if full is not None and _same_at_every_scale(imported, full):
                    return _without_defaults(full, model)
    return None


def _kind(node: Node) -> str:
    return json.dumps([node.block, dict(node.args)], sort_keys=True, default=str)


def _candidates(bare: Graph) -> Iterator[tuple[str, list[str]]]:
    """Presets with the same edges, and the stages that may stand in it instead of its own."""
    wanted = signatures(bare, shape_alone=True)["head"]
    used = {node.block for node in bare.nodes}
    blocks = []
    for path in sorted((conf_dir() / "block").glob("*.yaml")):
        target = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get(TARGET)
        if target and str(target).rpartition(".")[2] in used:
            blocks.append(path.stem)
    for path in sorted((conf_dir() / "model").glob("*.yaml")):
        graph = _graph([f"model={path.stem}"])
        if graph is not None and signatures(graph, shape_alone=True)["head"] == wanted:
            yield path.stem, blocks


def _scales_like(imported: Imported, letter: str, model: str) -> list[str]:
    """The scale of the same letter; of a file without letters any of the preset's."""
    own = list(_composed(f"model={model}")["model"]["scales"])
    return [letter] if letter in own else own if letter == "full" else []


def _head(imported: Imported, model: str) -> list[str]:
    own = _composed(f"model={model}")["head"]
    return (
        [] if own["block"] == imported.head.block and "num_prototypes" not in own else [f"head={imported.head.choice}"]
    )


def _with_blocks(overrides: list[str], blocks: list[str]) -> Iterator[list[str]]:
    yield overrides
    for block in blocks:
        yield [*overrides, f"block={block}"]


def _graph(overrides: list[str]) -> Graph | None:
    return _made(tuple(overrides))


@lru_cache(maxsize=256)
def _composed(*overrides: str) -> dict[str, Any]:
    """A configuration, composed once however often it is asked; nobody changes it."""
    return compose(overrides)


@lru_cache(maxsize=256)
def _made(overrides: tuple[str, ...]) -> Graph | None:
    try:
        return drop_unread(make_graph(_composed(*overrides), CLASSES))
    except YololabError:
        return None  # choices that do not go together are no answer


def _inserted(
    overrides: list[str], whole: Graph, bare: Graph, base: Graph, attentions: list[Node]
) -> list[str] | None:  # fmt: skip
    """With the attention and its places, where these choices build the whole graph."""
    if not attentions:
        return overrides
    wanted = signatures(whole)["head"]
    named = {signature: name for name, signature in signatures(base).items()}
    ours = {name: named[signature] for name, signature in signatures(bare).items() if signature in named}
    for attention in _attention(attentions[0]):
        for places in _places(whole, bare, ours, attentions):
            found = _graph([*overrides, *attention, *places])
            if found is not None and signatures(found)["head"] == wanted:
                return [*overrides, *attention, *places]
    return None


def _attention(node: Node) -> Iterator[list[str]]:
    if node.block == PASTED:
        target = node.args["attention"]
        rest = [f"+attention.{key}={_flow(value)}" for key, value in arguments_of(target).items()]
        yield [f"attention._target_={target[TARGET]}", *rest]
        return
    for path in sorted((conf_dir() / "attention").glob("*.yaml")):
        config = _composed(f"attention={path.stem}")["attention"]
        if config.get(TARGET) == node.block:
            own = Node(node.name, node.block, node.inputs, arguments_of(config))
            known, wanted = effective(own), effective(node)
            changed = {key: value for key, value in wanted.items() if known.get(key) != value}
            if set(known) <= set(wanted):
                yield [f"attention={path.stem}", *(f"attention.{key}={_flow(value)}" for key, value in changed.items())]


def _places(whole: Graph, bare: Graph, ours: Mapping[str, str], attentions: list[Node]) -> Iterator[list[str]]:
    """Places to try: named ones, behind nodes, into edges."""
    for path in sorted((conf_dir() / "insert_pos").glob("*.yaml")):
        yield [f"insert_pos={path.stem}"]
    passed = {node.name: node.inputs[0] for node in attentions}

    def origin(name: str) -> str:
        while name in passed:
            name = passed[name]
        return name

    sources = [ours.get(origin(node.name)) for node in attentions]
    if None in sources:
        return
    yield [f"insert_pos.after=[{','.join(map(str, sources))}]"]
    edges, by_section = [], []
    for node, source in zip(attentions, sources, strict=True):
        readers = [reader for reader in whole.readers(node.name) if reader.name not in passed]
        names = [ours.get(reader.name, reader.name) for reader in readers]
        edges += [f"{source} -> {name}" for name in names]
        by_section += [f"{source} -> {section}.*" for section in dict.fromkeys(n.partition(".")[0] for n in names)]
    for patterns in (by_section, edges):
        yield [f"insert_pos.into={_listed(patterns)}"]


def _listed(patterns: Sequence[str]) -> str:
    return "[" + ",".join(f'"{pattern}"' for pattern in patterns) + "]"


def _same_at_every_scale(imported: Imported, overrides: list[str]) -> bool:
    if list(imported.scales) == ["full"]:
        return True
    rest = [text for text in overrides if not text.startswith("scale=")]
    for letter in imported.scales:
        found = _graph([*rest, f"scale={letter}"])
        wanted = drop_unread(graph_of(imported, letter, CLASSES))
        if found is None or signatures(found)["head"] != signatures(wanted)["head"]:
            return False
    return True


def _without_defaults(overrides: list[str], model: str) -> list[str]:
    """Without what the model chooses itself, so that only the differences are read."""
    default = _composed(f"model={model}")["scale"]["name"]
    return [text for text in overrides if text != f"scale={default}"]


def _flow(value: Any) -> str:
    return json.dumps(value) if not isinstance(value, str) else value

"""Read sections of named nodes into one Graph: names resolved, scaled, in an order that can run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yololab.errors import GraphError, did_you_mean
from yololab.graph.node import HEAD, IMAGE, Graph, Node
from yololab.graph.scale import Scale

_NODE_KEYS = frozenset({"block", "from", "stage", "fixed"})


def parse_graph(
    name: str,
    sections: Mapping[str, Mapping[str, Any] | None],
    head: Mapping[str, Any],
    scale: Scale | None = None,
) -> Graph:
    """Parse `sections` ({name: {nodes, outputs}}) and a `head` ({block, from, ...arguments}) into a Graph.

    Raises GraphError, naming node, expectation and nearest name, for unknown names, missing keys and cycles.
    """
    scale = scale or Scale()
    present = {key: section for key, section in sections.items() if section}
    _check_section_names(name, present)
    outputs = _outputs(present)
    nodes = [
        _node(section_name, local_name, spec, scale)
        for section_name, section in present.items()
        for local_name, spec in section["nodes"].items()
    ]
    nodes.append(_node(HEAD, "", head, scale))
    known = {node.name for node in nodes[:-1]}
    for alias, target in outputs.items():
        if target not in known:
            raise GraphError(
                f"{name}: output {alias!r} names {target!r}, which is no node{did_you_mean(target, known)}"
            )
    resolved = [_resolve(name, node, known, outputs) for node in nodes]
    return Graph(name=name, nodes=_ordered(name, resolved), outputs=outputs)


def _check_section_names(graph_name: str, sections: Mapping[str, Mapping[str, Any]]) -> None:
    for section_name, section in sections.items():
        if section_name in (HEAD, IMAGE):
            raise GraphError(f"{graph_name}: a section cannot be called {section_name!r}; that name is taken")
        if not section.get("nodes"):
            raise GraphError(f"{graph_name}: section {section_name!r} has no `nodes`")


def _outputs(sections: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    outputs = {}
    for section_name, section in sections.items():
        for alias, target in (section.get("outputs") or {}).items():
            outputs[f"{section_name}.{alias}"] = target if "." in target else f"{section_name}.{target}"
    return outputs


def _node(section: str, local_name: str, spec: Mapping[str, Any], scale: Scale) -> Node:
    full_name = f"{section}.{local_name}" if local_name else section
    if not isinstance(spec, Mapping) or "block" not in spec or "from" not in spec:
        raise GraphError(f"node {full_name!r}: expected a mapping with `block` and `from`, got {spec!r}")
    spec = scale.exchanged(full_name, spec)
    sources = spec["from"] if isinstance(spec["from"], list | tuple) else [spec["from"]]
    inputs = tuple(_global_name(section, str(source)) for source in sources)
    args = {key: value for key, value in spec.items() if key not in _NODE_KEYS}
    scaled = scale.apply(args, str(spec["block"]), spec.get("fixed") or ())
    return Node(full_name, str(spec["block"]), inputs, scaled, bool(spec.get("stage", False)))


def _global_name(section: str, source: str) -> str:
    return source if "." in source or source == IMAGE else f"{section}.{source}"


def _resolve(graph_name: str, node: Node, known: set[str], outputs: Mapping[str, str]) -> Node:
    """Turn output aliases into node names; refuse names that are neither."""
    for source in node.inputs:
        if source in outputs and outputs[source] != source:
            node = node.reading(source, outputs[source])
        elif source != IMAGE and source not in known:
            candidates = known | set(outputs) | {IMAGE}
            raise GraphError(
                f"{graph_name}: node {node.name!r} reads {source!r}, which is no node or output"
                f"{did_you_mean(source, candidates)}"
            )
    return node


def _ordered(graph_name: str, nodes: list[Node]) -> tuple[Node, ...]:
    """Topological order that keeps the declared order wherever it can run."""
    done = {IMAGE}
    waiting = list(nodes)
    ordered: list[Node] = []
    while waiting:
        ready = next((node for node in waiting if done.issuperset(node.inputs)), None)
        if ready is None:
            names = ", ".join(node.name for node in waiting if node.name != HEAD)
            raise GraphError(f"{graph_name}: these nodes wait for each other in a cycle: {names}")
        waiting.remove(ready)
        ordered.append(ready)
        done.add(ready.name)
    return tuple(ordered)

"""Index graphs: imported, then row by row what the reference's parser made of them, at every scale."""

from __future__ import annotations

import json
from typing import Any

import pytest

from golden.arguments import Arguments
from golden.case import Case
from yololab.detector import Detector
from yololab.detector.complexity import measure, node_rows
from yololab.errors import ConfigError
from yololab.index_graph.imported_graph import build
from yololab.index_graph.index_rows import IndexGraph, read
from yololab.index_graph.translate import Imported, translate


def index_graph(content: dict[str, Any]) -> IndexGraph:
    """The graph of a JSON file of golden2."""
    split = content["backbone_rows"]
    rows = content["rows"]
    as_file = {"backbone": rows[:split], "head": rows[split:], "nc": content["nc"], **content["extra"]}
    return read(content["name"], as_file | ({"scales": content["scales"]} if content["scales"] else {}))


def check_index_graph(case: Case) -> None:
    with case.arguments() as arguments:
        name, scales, classes = arguments.take("name"), arguments.take("scales"), arguments.take("nc", 80)
    content = case.index()
    assert name == content["name"], f"{case.id}: the stored graph is {content['name']}"
    if content.get("exotic"):
        with pytest.raises(ConfigError, match="cannot be imported"):
            translate(index_graph(content))
        return
    imported = translate(index_graph(content))
    for scale in scales:
        detector = build(imported, scale or "full", classes)
        check_rows(case.id, imported, detector, content["expected"][scale], content["rows"])


def check_rows(place: str, imported: Imported, detector: Detector, want: dict[str, Any], rows: list[Any]) -> None:
    """Parameters, channels and strides by row; the sums; printed GFLOPs."""
    counts, by_name = measure(detector, 640), {row.name: row.parameters for row in node_rows(detector, 640)}
    places = {**imported.places, len(rows) - 1: "head"}
    for index, parameters in enumerate(want["layers_params"]):
        assert by_name.get(places.get(index, ""), 0) == parameters, f"{place}: row {index}, {rows[index]}"
    assert counts.params_train == want["params"]
    for index, (channels, stride) in enumerate(want["layers_channels_stride"]):
        spec = detector.specs.get(places.get(index, ""))
        if spec is not None and rows[index][2] != "nn.ZeroPad2d":  # the reference measures the padded map's side
            width = sum(spec.channels) if isinstance(spec.channels, tuple) else spec.channels
            assert [width, float(spec.stride)] == [channels, stride], f"{place}: row {index}, {rows[index]}"
    assert [float(stride) for stride in detector.head.main_strides] == want["strides"]
    assert counts.gflops_printed_84 == pytest.approx(want["gflops"], rel=1e-6)
    assert round(counts.gflops_printed_84, 1) == want["printed_gflops"]


def build_imported(case: Case, arguments: Arguments, device: str = "cpu") -> Detector:
    """The detector of a case that names an index graph; `golden_rows` tells its rows' nodes."""
    place = case.folder / arguments.take("index_graph")
    content = json.loads(place.read_text())
    arguments.equals("model", f"index_graph:{content['name']}", "the stored graph")
    imported = translate(index_graph(content))
    detector = build(imported, arguments.take("scale") or "full", arguments.take("nc", 80), device)
    kept = set(detector.graph.names)
    rows = {index: name for index, name in imported.places.items() if name in kept}
    detector.golden_rows = {**rows, len(content["rows"]) - 1: "head"}  # type: ignore[assignment]
    return detector

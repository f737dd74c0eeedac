"""Parameters, GFLOPs in both conventions, per-node tables and the shapes of all parameters."""

from __future__ import annotations

from typing import Any

import pytest

from golden.case import Case
from golden.models import build_model, layer_nodes, our_key
from yololab.detector.complexity import measure, node_rows
from yololab.heads import EffiDe, EffiDeAligned

SIZE = [640, 640]


def _build(case: Case) -> Any:
    with case.arguments() as arguments:
        arguments.only("image_hw", SIZE, reason="figures are printed for it")
        return build_model(case, arguments, device="meta")


def check_figures(case: Case) -> None:
    detector = _build(case)
    counts = measure(detector, 640)
    rows = node_rows(detector, 640)
    figures = case.index()["models"][case.args["model"]]
    want = figures["train"]
    assert counts.params_train == want["params"]
    assert counts.params_trainable == want["trainable"]
    assert counts.gflops_train_640 == pytest.approx(want["torch_flop_counter_gflops"], rel=1e-6)
    assert counts.gflops_reference == pytest.approx(want["thop_640_gflops"], rel=1e-6)
    if want.get("upstream_gflops"):
        since_84 = figures["source"].startswith("ultralytics 8.4")
        printed = counts.gflops_printed_84 if since_84 else counts.gflops_printed
        assert printed == pytest.approx(want["upstream_gflops"], rel=1e-6)
    deploy = figures.get("deploy_all_fused")
    if deploy is None and (len(detector.head.branches) == 1 or detector.head.shares_features):
        deploy = figures.get("fused")
    if deploy is not None:
        assert counts.params_deploy == deploy["params"]
        assert counts.gflops_deploy_640 == pytest.approx(deploy["torch_flop_counter_gflops"], rel=1e-6)
    if "main_branch_params" in figures:
        main = sum(p.numel() for p in _main_branch(detector).parameters())
        assert main == figures["main_branch_params"]
    layers = layer_nodes(detector)
    by_name = {row.name: row.parameters for row in rows}
    for index, _, _, parameters, *_ in figures.get("table", []):
        if index in layers:
            assert by_name[layers[index]] == parameters, f"{case.id}: node {layers[index]}"


def _main_branch(detector: Any) -> Any:
    """The training form without what only the auxiliary branch needs."""
    from dataclasses import replace

    from yololab.detector import Detector
    from yololab.graph.build import BuiltGraph
    from yololab.graph.rewrite import drop_unread

    head = detector.head.main_only()
    node = replace(detector.graph.head, inputs=detector.graph.head.inputs[-len(head.in_channels) :])
    graph = drop_unread(replace(detector.graph, nodes=(*detector.graph.nodes[:-1], node)))
    modules = {n.name: detector.node(n.name) for n in graph.nodes[:-1]} | {"head": head}
    return Detector(BuiltGraph(graph, modules, detector.specs))


def check_shapes(case: Case) -> None:
    detector = _build(case)
    want = next(entry for entry in case.index()["models"] if entry["model"] == case.args["model"])
    assert sum(p.numel() for p in detector.parameters()) == want["params"]
    layers = layer_nodes(detector)
    expected = [(our_key(key, detector, layers), tuple(shape), kind) for key, shape, kind in want["state_order"]]
    got = [(k, tuple(v.shape), str(v.dtype).removeprefix("torch.")) for k, v in detector.state_dict().items()]
    if isinstance(
        detector.head, EffiDe | EffiDeAligned
    ):  # the reference lists its neck's blocks by kind, not as they run
        expected, got = sorted(expected), sorted(got)
    assert got == expected
    frozen = [key for key, parameter in detector.named_parameters() if not parameter.requires_grad]
    assert frozen == [our_key(key, detector, layers) for key in want.get("frozen", frozen)]

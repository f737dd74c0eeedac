"""`yololab profile`: the per-node table and the totals of a configuration, computed without memory or training."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import Any

from rich.table import Table

from yololab.assemble import build_detector, make_parts
from yololab.blocks import Block
from yololab.config.compose import compose
from yololab.config.target import TARGET
from yololab.detector import Detector
from yololab.detector.complexity import Complexity, NodeRow, measure, node_rows
from yololab.terminal import cell, say_note, show

UNSEEN_SHARE = 0.97
"""The references' counter adds a few percent for normalisation; below this, it has missed layers."""
LEAST_SAVING = 0.005


def run(options: argparse.Namespace) -> None:
    """Print the profile of the configuration that the overrides describe."""
    config = compose(options.overrides, options.config_dir)
    size = config["image_size"]
    classes = make_parts(config).num_classes
    detector = build_detector(config, classes, device="meta")
    counts, rows = measure(detector, size), node_rows(detector, size)
    if options.json:
        print(json.dumps({**counts.to_dict(), "nodes": [asdict(row) for row in rows]}, indent=1))
        return
    show(_nodes(detector.graph.name, rows, size))
    show(_totals(counts))
    for remark in [*_remarks(config, detector, counts), *_of_blocks(detector)]:
        say_note(remark)


def _remarks(config: dict[str, Any], detector: Detector, counts: Complexity) -> list[str]:
    """What the totals alone would hide: layers that the references' counter does not see, and what a block saves."""
    remarks = []
    true, printed = counts.gflops_train_640, counts.gflops_printed
    if printed < UNSEEN_SHARE * true:
        remarks.append(
            f"the references' counter does not see dynamic convolutions and products of features: it prints "
            f"{printed:.1f} where {true:.2f} GFLOPs are computed"
        )
    if config["block"].get(TARGET):
        plain = measure(
            build_detector({**config, "block": {}}, detector.num_classes, device="meta"), config["image_size"]
        )
        saved = 1 - true / plain.gflops_train_640
        verdict = f"saves {100 * saved:.0f}% of its GFLOPs" if saved > LEAST_SAVING else "saves no GFLOPs"
        remarks.append(
            f"block=default has {plain.params_train:,} parameters and {plain.gflops_train_640:.2f} GFLOPs at "
            f"640; this block has {counts.params_train:,} and {true:.2f}: it {verdict}"
        )
    return remarks


def _of_blocks(detector: Detector) -> list[str]:
    """What blocks say of themselves."""
    blocks = [(name, module) for name, module in detector.named_modules() if isinstance(module, Block)]
    found = [f"{name}: {remark}" for name, block in blocks for remark in block.remarks()]
    return [*detector.graph.remarks, *found]


def _nodes(name: str, rows: list[NodeRow], size: int) -> Table:
    table = Table(title=cell(f"{name}: nodes of the training form at {size} x {size}"), title_justify="left")
    for heading in ("node", "block", "output"):
        table.add_column(heading)
    for heading in ("parameters", "GFLOPs"):
        table.add_column(heading, justify="right")
    for row in rows:
        shape = " x ".join(map(str, row.shape))
        table.add_row(cell(row.name), cell(row.block), shape, f"{row.parameters:,}", f"{row.gflops:.3f}")
    return table


def _totals(counts: Complexity) -> Table:
    size = counts.image_size
    table = Table(title="totals", title_justify="left", show_header=False)
    table.add_row("parameters, training form", f"{counts.params_train:,} ({counts.params_trainable:,} trained)")
    table.add_row("parameters, deploy form", f"{counts.params_deploy:,}")
    table.add_row(f"GFLOPs, training form, {size}", f"{counts.gflops_train:.3f}")
    table.add_row(f"GFLOPs, deploy form, {size}", f"{counts.gflops_deploy:.3f}")
    if size != 640:
        table.add_row("GFLOPs, training form, 640", f"{counts.gflops_train_640:.3f}")
    table.add_row("as YOLOv9 and ultralytics 8.2 print it", f"{counts.gflops_printed:.1f}")
    table.add_row("as ultralytics 8.4 prints it", f"{counts.gflops_printed_84:.1f}")
    table.add_row("fingerprint", counts.fingerprint)
    return table

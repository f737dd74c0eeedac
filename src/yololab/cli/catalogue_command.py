"""`yololab catalogue`: every part that one word chooses, with its source and what YOLO11n costs with it."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, dataclass

from rich.table import Table

from yololab.assemble import build_detector
from yololab.config.catalogue import GROUPS, choices_of
from yololab.config.compose import compose
from yololab.detector.complexity import count_parameters, gflops
from yololab.errors import ConfigError, did_you_mean
from yololab.terminal import cell, passing, say, show

WITH_COST = ("model", "attention", "block", "upsample", "downsample", "head")
PARTS = [*WITH_COST, "loss", "assigner"]
"""Groups of parts; losses and assigners cost nothing once training is done"""
SIZE = 640
CLASSES = 80
BASE = "yolo11"


@dataclass(frozen=True)
class Part:
    """One choice of a group."""

    group: str
    name: str
    says: str
    parameters: int | None = None
    """Of YOLO11n with it, in deploy form, 80 classes; of a model itself at its first scale"""
    gflops: float | None = None
    """At 640 pixels, true count"""
    refused: str | None = None
    """Why YOLO11n cannot have it"""


def run(options: argparse.Namespace) -> None:
    """Print the parts of the groups that are asked for, or of all."""
    for group in options.groups:
        if group not in PARTS:
            raise ConfigError(f"catalogue {group}: expected one of {', '.join(PARTS)}{did_you_mean(group, PARTS)}")
    if not options.json:
        passing("building every part")
    for group in options.groups or PARTS:
        parts = [part_of(group, choice.name, choice.says) for choice in choices_of(group)]
        if options.json:
            print("\n".join(json.dumps(asdict(part)) for part in parts))
            continue
        say(f"\n{group}: {GROUPS[group]}")
        show(_table(parts))
    if not options.json:
        say(f"\nparameters and GFLOPs: {BASE} n with the part (a model: itself), deployed, {SIZE} pixels, 80 classes")


def part_of(group: str, name: str, says: str = "") -> Part:
    """A part with its cost, or why this model cannot have it."""
    if group not in WITH_COST:
        return Part(group, name, says)
    chosen = [f"model={name}"] if group == "model" else [f"model={BASE}", f"{group}={name}"]
    try:
        config = compose([*chosen, f"num_classes={CLASSES}", f"image_size={SIZE}"])
        deployed = build_detector(config, CLASSES, device="meta").deploy()
    except ConfigError as error:
        return Part(group, name, says, refused=str(error))
    return Part(group, name, says, count_parameters(deployed), gflops(deployed, SIZE))


def _table(parts: list[Part]) -> Table:
    table = Table("choice", "parameters", "GFLOPs", "what it is")
    for column in table.columns[1:3]:
        column.justify = "right"
    for part in parts:
        cost = ("", "") if part.parameters is None else (f"{part.parameters:,}", f"{part.gflops:.3f}")
        says = part.says if part.refused is None else f"{part.says} (not here: {part.refused})"
        table.add_row(cell(part.name), *cost, cell(says))
    return table

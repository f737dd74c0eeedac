"""How large and how long the cells of a plan are."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from omegaconf import OmegaConf

from yololab.assemble import build_detector, make_loss
from yololab.complexity import count_parameters, gflops, on_meta
from yololab.errors import YololabError
from yololab.structures import Targets
from yololab.study.record import RunRecord, read_study
from yololab.sweep.plan import Plan, PlannedCell

CALIBRATION_IMAGES = 2
CALIBRATION_BATCHES = 3
VALIDATION_SHARE = 1 / 3
"""Work of an image in validation, relative to training: forward only."""


@dataclass(frozen=True)
class Estimate:
    """Of one graph or cell."""

    parameters: int
    gflops: float
    seconds: float | None
    """Still to be spent; None where it is unknown, 0 for what is done"""


@dataclass(frozen=True)
class Speed:
    """Seconds per GFLOP of an image in training, and where that comes from."""

    seconds_per_gflop: float
    source: str


def estimate(plan: Plan) -> tuple[list[Estimate], Speed]:
    """An estimate for every cell of the plan, and the speed that they rest on."""
    sizes: dict[str, tuple[int, float]] = {}
    for cell in plan.cells:
        if cell.graph_key not in sizes:
            detector = on_meta(plan.detectors[cell.graph_key])
            size = cell.composed.content["image_size"]
            sizes[cell.graph_key] = (count_parameters(detector), gflops(detector, size))
    speed = _speed_of_records(plan.studies) or _calibrate(min(plan.runs, key=lambda cell: sizes[cell.graph_key][1]))
    return [_of_cell(cell, plan, *sizes[cell.graph_key], speed) for cell in plan.cells], speed


def _of_cell(cell: PlannedCell, plan: Plan, parameters: int, size: float, speed: Speed) -> Estimate:
    if cell.state in ("done", "duplicate"):
        return Estimate(parameters, size, 0.0)
    train, val = plan.images[cell.identity.data_fingerprint]
    recipe = cell.composed.content["recipe"]
    status = cell.folder.status()
    left = recipe["epochs"] - (status.epoch if status else 0)
    images = _images_per_epoch(train, val, recipe)
    return Estimate(parameters, size, left * images * size * speed.seconds_per_gflop)


def _images_per_epoch(train: int, val: int, recipe: Mapping[str, Any]) -> float:
    """In units of training images."""
    return train + VALIDATION_SHARE * val / recipe["evaluation"]["every"]


def _speed_of_records(studies: Sequence[Path]) -> Speed | None:
    records: list[RunRecord] = []
    for study in studies:
        try:
            records += read_study(study)
        except YololabError:
            continue
    rates = sorted(rate for record in records if (rate := _rate(record)) is not None)
    if not rates:
        return None
    return Speed(rates[len(rates) // 2], f"the median of {len(rates)} finished runs of the study")


def _rate(record: RunRecord) -> float | None:
    if not record.images:  # a record of version 1
        return None
    images = _images_per_epoch(record.images["train"], record.images["val"], record.science["recipe"])
    return record.durations["epoch"] / (images * record.complexity["gflops_train"])


def _calibrate(cell: PlannedCell) -> Speed:
    """Time a few training steps of the smallest graph on what this machine would train on."""
    cfg: Any = OmegaConf.create(cell.composed.content)
    device = torch.device("cuda" if torch.cuda.is_available() and cfg.trainer.accelerator != "cpu" else "cpu")
    detector = build_detector(cfg).to(device).train()
    loss = make_loss(cfg).to(device)
    images = torch.rand(CALIBRATION_IMAGES, 3, cfg.image_size, cfg.image_size, device=device)
    middle = torch.tensor([0.25, 0.25, 0.75, 0.75], device=device) * cfg.image_size
    targets = Targets(
        middle.expand(CALIBRATION_IMAGES, 1, 4).contiguous(),
        torch.zeros(CALIBRATION_IMAGES, 1, dtype=torch.long, device=device),
        torch.ones(CALIBRATION_IMAGES, 1, dtype=torch.bool, device=device),
    )
    seconds = []
    for _ in range(CALIBRATION_BATCHES):
        start = time.perf_counter()
        branches = {name: detector.head.decode(maps, name) for name, maps in detector(images).items()}
        if detector.head.predicts_masks:  # without masks to learn from, any gradient takes as long
            torch.stack([branch.boxes_xyxy.sum() for branch in branches.values()]).sum().backward()
        else:
            loss(branches, targets).total.backward()
        if device.type == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
    work = CALIBRATION_IMAGES * gflops(on_meta(detector), cfg.image_size)
    where = "this machine's GPU" if device.type == "cuda" else "this machine"
    return Speed(min(seconds) / work, f"{CALIBRATION_BATCHES} training steps of the smallest graph, timed on {where}")

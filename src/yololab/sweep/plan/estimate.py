"""How large and how long the runs of a plan are."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from yololab.assemble import build_detector, make_parts
from yololab.detector.complexity import count_parameters, gflops, on_meta
from yololab.errors import YololabError
from yololab.run.record import RunRecord
from yololab.run.status import State
from yololab.structures import Targets
from yololab.study.records import sample_of_records
from yololab.sweep.plan.planned import Plan, PlannedRun

CALIBRATION_IMAGES = 2
CALIBRATION_BATCHES = 2
"""The first one warms up"""
CALIBRATION_SIZE = 320
"""Pixels at most: an operation takes as long in a larger image"""
MOST_TIMED = 200
"""Finished runs of a study whose median speed is asked"""
VALIDATION_SHARE = 1 / 3
"""Work of an image in validation, relative to training: forward only."""


@dataclass(frozen=True)
class Estimate:
    """Of one graph or run."""

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
    """An estimate for every run of the plan, and the speed that they rest on."""
    sizes: dict[str, tuple[int, float]] = {}
    for run in plan.planned:
        if run.graph_key not in sizes:
            detector = on_meta(plan.detectors[run.graph_key])
            size = run.composed.config["image_size"]
            sizes[run.graph_key] = (count_parameters(detector), gflops(detector, size))
    speed = _speed_of_records(plan.studies) or _calibrate(min(plan.runs, key=lambda run: sizes[run.graph_key][1]))
    return [_of_run(run, plan, *sizes[run.graph_key], speed) for run in plan.planned], speed


def _of_run(run: PlannedRun, plan: Plan, parameters: int, size: float, speed: Speed) -> Estimate:
    if run.state.is_finished or run.state is State.DUPLICATE:
        return Estimate(parameters, size, 0.0)
    recipe = run.composed.config["recipe"]
    status = run.folder.status()
    left = recipe["epochs"] - (status.epoch if status else 0)
    images = _images_per_epoch(plan.images[run.identity.data_fingerprint], recipe)
    return Estimate(parameters, size, left * images * size * speed.seconds_per_gflop)


def _images_per_epoch(images: Mapping[str, int], recipe: Mapping[str, Any]) -> float:
    """In units of training images; `images` by split."""
    return images["train"] + VALIDATION_SHARE * images["val"] / recipe["evaluation"]["every"]


def _speed_of_records(studies: Sequence[Path]) -> Speed | None:
    records: list[RunRecord] = []
    for study in studies:
        try:
            records += sample_of_records(study, MOST_TIMED)
        except YololabError:
            continue
    rates = sorted(rate for record in records if (rate := _rate(record)) is not None)
    if not rates:
        return None
    return Speed(rates[len(rates) // 2], f"the median of {len(rates)} finished runs of the study")


def _rate(record: RunRecord) -> float | None:
    if not record.images or "batch_size" not in record.science.get("recipe", {}):  # of version 1, or damaged
        return None
    images = _images_per_epoch(record.images, record.science["recipe"])
    return record.durations["epoch"] / (images * record.complexity["gflops_train"])


def _calibrate(run: PlannedRun) -> Speed:
    """Time a few training steps of the smallest graph on what this machine would train on."""
    config = run.composed.config
    size, on_cpu = min(config["image_size"], CALIBRATION_SIZE), config["trainer"]["accelerator"] == "cpu"
    device = torch.device("cuda" if torch.cuda.is_available() and not on_cpu else "cpu")
    parts = make_parts(config)
    detector = build_detector(config, parts.num_classes).to(device).train()
    loss = parts.loss.to(device)
    images = torch.rand(CALIBRATION_IMAGES, 3, size, size, device=device)
    middle = torch.tensor([0.25, 0.25, 0.75, 0.75], device=device) * size
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
    work = CALIBRATION_IMAGES * gflops(on_meta(detector), size)
    where = "this machine's GPU" if device.type == "cuda" else "this machine"
    return Speed(min(seconds) / work, f"{CALIBRATION_BATCHES} training steps of the smallest graph, timed on {where}")

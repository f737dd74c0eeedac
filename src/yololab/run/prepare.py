"""Before training: data read, detector built, identity known; module and loaders made from that."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import lightning
import torch
from torch.utils.data import DataLoader

from yololab.assemble import Parts, build_detector, make_parts, start_from_weights
from yololab.config.identity import Identity, identify
from yololab.data.batch import collate
from yololab.data.dataset import EpochSampler, EvalDataset, TrainDataset
from yololab.data.loader import ResumableLoader
from yololab.data.splits import Splits, read_splits
from yololab.detector import Detector
from yololab.detector.complexity import Complexity, measure
from yololab.detector.weights import Transfer
from yololab.metrics.coco_metric import CocoMetric
from yololab.metrics.nms import NMSConfig
from yololab.run.folder import RunFolder, RunSpec
from yololab.training.module import DetectorModule, OptimizerConfig
from yololab.training.schedule import Schedule

MAX_AUTO_WORKERS = 8


@dataclass(frozen=True)
class Prepared:
    """Everything that is known before training starts."""

    spec: RunSpec
    identity: Identity
    folder: RunFolder
    splits: Splits
    detector: Detector
    parts: Parts
    complexity: Complexity
    transfer: Transfer | None
    started: float
    """time.perf_counter() when preparing began"""

    @property
    def config(self) -> Mapping[str, Any]:
        """The resolved configuration."""
        return self.spec.config

    @property
    def run_id(self) -> str:
        """Name of the run's folder."""
        return self.identity.run_id


def prepare(spec: RunSpec) -> Prepared:
    """Read the data, build detector and loss, and find out which run this is; its configuration has been checked."""
    started = time.perf_counter()
    config = spec.config
    if config["runtime"]["threads"] is not None:
        torch.set_num_threads(config["runtime"]["threads"])
    lightning.seed_everything(config["seed"], workers=True, verbose=False)
    parts = make_parts(config)
    splits = read_splits(parts.source, config["num_classes"])
    detector = build_detector(config, parts.num_classes)
    transfer = start_from_weights(config, detector)
    complexity = measure(detector, config["image_size"])
    identity = identify(config, splits.fingerprint, detector.fingerprint)
    folder = RunFolder.of(config, identity.run_id)
    if detector.head.predicts_masks:
        splits.require_masks()
    return Prepared(spec, identity, folder, splits, detector, parts, complexity, transfer, started)


def make_module(prepared: Prepared) -> DetectorModule:
    """The LightningModule of a prepared run."""
    recipe = prepared.config["recipe"]
    evaluation = recipe["evaluation"]
    return DetectorModule(
        prepared.detector,
        prepared.parts.loss,
        optimizer=OptimizerConfig(name=recipe["optimizer"], **_chosen(recipe, OptimizerConfig)),
        schedule=Schedule(kind=recipe["schedule"], **_chosen(recipe, Schedule)),
        ema_decay=recipe["ema_decay"],
        ema_tau=recipe["ema_tau"],
        metric=CocoMetric(prepared.splits.val, evaluation["backend"], with_masks=prepared.detector.head.predicts_masks),
        nms=NMSConfig(**_chosen(evaluation, NMSConfig)),
    )


def _chosen(options: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """Those options that are fields of a dataclass."""
    return {field.name: options[field.name] for field in fields(kind) if field.name in options}


def make_loaders(prepared: Prepared, world_size: int = 1, rank: int = 0) -> tuple[DataLoader, DataLoader]:
    """Training and validation loaders; batches do not depend on the number of workers."""
    config, recipe = prepared.config, prepared.config["recipe"]
    workers = _num_workers(config["runtime"]["workers"])
    shared: dict[str, Any] = {
        "image_size": config["image_size"],
        "with_masks": prepared.detector.head.predicts_masks,
        "cache": workers == 0,  # each worker would hold a cache of its own
    }
    train = TrainDataset(
        prepared.splits.train,
        seed=config["seed"],
        epochs=recipe["epochs"],
        augment=prepared.parts.augment,
        close_mosaic=recipe["close_mosaic"],
        **shared,
    )
    val = EvalDataset(prepared.splits.val, **shared)
    options: dict[str, Any] = {
        "batch_size": recipe["batch_size"],
        "collate_fn": collate,
        "num_workers": workers,
        "persistent_workers": workers > 0,
        "pin_memory": torch.cuda.is_available(),
    }
    sampler = EpochSampler(len(train), config["seed"], world_size, rank)
    own_share = range(rank, len(val), world_size)  # no image twice, so that the evaluation counts each once
    drop_last = len(sampler) >= recipe["batch_size"] and len(sampler) % recipe["batch_size"] == 1
    return (
        ResumableLoader(train, sampler=sampler, drop_last=drop_last, **options),
        DataLoader(val, sampler=own_share, **options),
    )


def _num_workers(workers: Any) -> int:
    if workers != "auto":
        return int(workers)
    cores = torch.get_num_threads()
    return min(MAX_AUTO_WORKERS, cores) if torch.cuda.is_available() else 0

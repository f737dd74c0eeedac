"""Before training: data read, detector built, identity known; module and loaders made from that."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import lightning
import torch
from rich.console import Console
from torch.utils.data import DataLoader

from yololab.assemble import Parts, build_detector, make_parts, start_from_weights
from yololab.config.identity import Identity, identify
from yololab.data.batch import collate
from yololab.data.dataset import EpochSampler, TrainDataset
from yololab.data.detection_data import DetectionData
from yololab.data.eval_loader import eval_loader
from yololab.data.loader import ResumableLoader
from yololab.data.rectangles import largest_side
from yololab.data.shared_memory import batch_bytes, decide_workers, share_by_name_where_files_are_few
from yololab.data.splits import Splits, read_splits
from yololab.detector import Detector
from yololab.detector.complexity import Complexity, measure
from yololab.detector.replica import round_otherwise
from yololab.detector.weights import Transfer
from yololab.errors import ConfigError
from yololab.metrics.coco_metric import CocoMetric
from yololab.metrics.nms import NMSConfig
from yololab.run.folder import RunFolder, RunSpec
from yololab.terminal import say
from yololab.training.compiled import compile_for_training
from yololab.training.module import DetectorModule
from yololab.training.optimizer import OptimizerConfig
from yololab.training.schedule import Schedule
from yololab.training.steps import Accumulation, StepConfig

console = Console()


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

    @cached_property
    def workers(self) -> int:
        """Processes that prepare batches, decided when they are first asked for. ConfigError where there is no room."""
        config, images, size = self.config, self.config["recipe"]["batch_size"], self.config["image_size"]
        if config["recipe"]["evaluation"]["rectangular"]:
            images, size = 2 * images, largest_side(size, self.detector.max_stride)
        batch = batch_bytes(images, size, self.detector.head.predicts_masks)
        workers, remark = decide_workers(config["runtime"]["workers"], batch)
        if remark is not None:
            say(remark, console)
        share_by_name_where_files_are_few(workers)
        return workers

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
    round_otherwise(detector, config["seed"], config["replica"])
    complexity = measure(detector, config["image_size"])
    identity = identify(config, splits.fingerprint, detector.fingerprint)
    folder = RunFolder.of(config, identity.run_id)
    if detector.head.predicts_masks:
        splits.require_masks()
    return Prepared(spec, identity, folder, splits, detector, parts, complexity, transfer, started)


def step_config(prepared: Prepared) -> StepConfig:
    """How a prepared run steps, with nothing left open. ConfigError where its recipe contradicts itself."""
    recipe = prepared.config["recipe"]
    accumulation = Accumulation(recipe["accumulate"], recipe["batch_size"], recipe["nominal_batch"])
    optimizer = OptimizerConfig(name=recipe["optimizer"], **_chosen(recipe, OptimizerConfig)).decided(
        images=len(prepared.splits.train.records),
        epochs=recipe["epochs"],
        images_per_step=max(recipe["batch_size"], recipe["nominal_batch"]),
        num_classes=prepared.parts.num_classes,
    )
    rates: dict[str, Any] = {key: getattr(optimizer, key) for key in ("lr", "momentum", "warmup_bias_lr")}
    schedule = Schedule(kind=recipe["schedule"], **(_chosen(recipe, Schedule) | rates))
    return StepConfig(optimizer, accumulation, schedule, recipe["clip_norm"], recipe["lr_factors"])


def make_module(prepared: Prepared) -> DetectorModule:
    """The LightningModule of a prepared run."""
    recipe, splits = prepared.config["recipe"], prepared.splits
    evaluation, with_masks = recipe["evaluation"], prepared.detector.head.predicts_masks
    judged = {name: data for name, data in splits.by_name.items() if name != "train"}
    module = DetectorModule(
        prepared.detector,
        prepared.parts.loss,
        steps=step_config(prepared),
        ema_decay=recipe["ema_decay"],
        ema_tau=recipe["ema_tau"],
        metrics={name: CocoMetric(data, evaluation["backend"], with_masks) for name, data in judged.items()},
        nms=NMSConfig(**_chosen(evaluation, NMSConfig)),
    )
    compile_for_training(module.detector, prepared.config["runtime"].get("compile"))
    return module


def _chosen(options: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """Those options that are fields of a dataclass."""
    return {field.name: options[field.name] for field in fields(kind) if field.name in options}


def make_train_loader(prepared: Prepared, world_size: int = 1, rank: int = 0) -> ResumableLoader:
    """Augmented batches, which do not depend on the number of workers. ConfigError where ranks cannot share them."""
    config, recipe = prepared.config, prepared.config["recipe"]
    batch_size, rest = divmod(recipe["batch_size"], world_size)
    if rest or not batch_size:
        raise ConfigError(f"recipe.batch_size={recipe['batch_size']}: not to be divided over {world_size} devices")
    data = TrainDataset(
        prepared.splits.train,
        seed=config["seed"],
        epochs=recipe["epochs"],
        augment=prepared.parts.augment,
        close_mosaic=recipe["close_mosaic"],
        **_of_datasets(prepared),
    )
    sampler = EpochSampler(len(data), config["seed"], world_size, rank)
    drop_last = len(sampler) >= batch_size and len(sampler) % batch_size == 1
    options = _of_loaders(prepared)
    return ResumableLoader(data, sampler=sampler, batch_size=batch_size, drop_last=drop_last, **options)


def make_eval_loader(prepared: Prepared, data: DetectionData, world_size: int = 1, rank: int = 0) -> DataLoader:
    """Batches of a split that is judged."""
    recipe = prepared.config["recipe"]
    evaluation = recipe["evaluation"]
    return eval_loader(
        data,
        evaluation=evaluation,
        batch_size=recipe["batch_size"],
        stride=prepared.detector.max_stride,
        rectangular=evaluation["rectangular"],
        world_size=world_size,
        rank=rank,
        **_of_datasets(prepared),
        **_of_loaders(prepared),
    )


def _of_datasets(prepared: Prepared) -> dict[str, Any]:
    return {
        "image_size": prepared.config["image_size"],
        "with_masks": prepared.detector.head.predicts_masks,
        "cache": prepared.workers == 0,  # each worker would hold a cache of its own
    }


def _of_loaders(prepared: Prepared) -> dict[str, Any]:
    return {
        "collate_fn": collate,
        "num_workers": prepared.workers,
        "persistent_workers": prepared.workers > 0,
        "timeout": prepared.config["runtime"]["loader_timeout"] if prepared.workers else 0,
        "pin_memory": torch.cuda.is_available(),
    }

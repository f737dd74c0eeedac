"""Before training: data read, detector built, identity known; module and loaders made from that."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import lightning
import torch
from omegaconf import DictConfig, OmegaConf
from torch.utils.data import DataLoader

from yololab.assemble import build_detector, make_augment, make_loss, start_from_weights
from yololab.complexity import Complexity, measure
from yololab.config import check
from yololab.data.batch import collate
from yololab.data.dataset import EpochSampler, EvalDataset, TrainDataset
from yololab.data.loader import ResumableLoader
from yololab.data.records import DetectionData
from yololab.detector import Detector
from yololab.fitting import check_parts, data_fingerprint, read_data, require_masks
from yololab.identity import Identity, folder_of, identify
from yololab.metrics.coco_metric import CocoMetric
from yololab.metrics.nms import NMSConfig
from yololab.module import DetectorModule, OptimizerConfig
from yololab.study.folder import FrozenCell, RunFolder
from yololab.training.schedule import Schedule
from yololab.weights import Transfer

MAX_AUTO_WORKERS = 8


@dataclass(frozen=True)
class Prepared:
    """Everything that is known before training starts."""

    cfg: DictConfig
    cell: FrozenCell
    train: DetectionData
    val: DetectionData
    detector: Detector
    complexity: Complexity
    folder: RunFolder
    identity: Identity
    transfer: Transfer | None
    started: float
    """time.perf_counter() when preparing began"""

    @property
    def run_id(self) -> str:
        """Name of the run's folder."""
        return self.identity.run_id


def prepare(cell: FrozenCell) -> Prepared:
    """Check the configuration, read the data, build the detector, and find out which run this is."""
    started = time.perf_counter()
    cfg = check(OmegaConf.create(dict(cell.config)))
    lightning.seed_everything(cfg.seed, workers=True, verbose=False)
    train, val = read_data(cfg)
    check_parts(cfg)
    detector = build_detector(cfg)
    if detector.head.predicts_masks:
        require_masks(train, val)
    transfer = start_from_weights(cfg, detector)
    content: dict[str, Any] = OmegaConf.to_container(cfg, resolve=True)  # type: ignore[assignment]
    identity = identify(content, data_fingerprint(train, val), detector.fingerprint)
    folder = RunFolder(folder_of(content, identity.run_id))
    counts = measure(detector, cfg.image_size)
    return Prepared(cfg, cell, train, val, detector, counts, folder, identity, transfer, started)


def make_module(prepared: Prepared) -> DetectorModule:
    """The LightningModule of a prepared run."""
    recipe = prepared.cfg.recipe
    evaluation = recipe.evaluation
    return DetectorModule(
        prepared.detector,
        make_loss(prepared.cfg),
        optimizer=OptimizerConfig(
            recipe.optimizer,
            recipe.lr,
            recipe.momentum,
            recipe.weight_decay,
            recipe.batch_size,
            recipe.accumulate,
            recipe.nominal_batch,
        ),
        schedule=Schedule(
            lr=recipe.lr,
            final_lr=recipe.final_lr,
            kind=recipe.schedule,
            epochs=recipe.epochs,
            momentum=recipe.momentum,
            warmup_epochs=recipe.warmup_epochs,
            warmup_iterations=recipe.warmup_iterations,
            warmup_momentum=recipe.warmup_momentum,
            warmup_bias_lr=recipe.warmup_bias_lr,
        ),
        ema_decay=recipe.ema_decay,
        ema_tau=recipe.ema_tau,
        metric=CocoMetric(prepared.val, evaluation.backend, with_masks=prepared.detector.head.predicts_masks),
        nms=NMSConfig(evaluation.confidence, evaluation.iou, evaluation.max_detections, evaluation.multi_label),
    )


def make_loaders(prepared: Prepared, world_size: int = 1, rank: int = 0) -> tuple[DataLoader, DataLoader]:
    """Training and validation loaders; batches do not depend on the number of workers."""
    cfg, with_masks = prepared.cfg, prepared.detector.head.predicts_masks
    workers = _num_workers(cfg.runtime.workers)  # each would hold a cache of its own, so with workers there is none
    train = TrainDataset(
        prepared.train,
        image_size=cfg.image_size,
        seed=cfg.seed,
        epochs=cfg.recipe.epochs,
        augment=make_augment(cfg),
        close_mosaic=cfg.recipe.close_mosaic,
        with_masks=with_masks,
        cache=workers == 0,
    )
    val = EvalDataset(prepared.val, image_size=cfg.image_size, with_masks=with_masks, cache=workers == 0)
    shared: dict[str, Any] = {
        "batch_size": cfg.recipe.batch_size,
        "collate_fn": collate,
        "num_workers": workers,
        "persistent_workers": workers > 0,
        "pin_memory": torch.cuda.is_available(),
    }
    sampler = EpochSampler(len(train), cfg.seed, world_size, rank)
    own_share = range(rank, len(val), world_size)  # no image twice, so that the evaluation counts each once
    drop_last = len(sampler) >= cfg.recipe.batch_size and len(sampler) % cfg.recipe.batch_size == 1
    return (
        ResumableLoader(train, sampler=sampler, drop_last=drop_last, **shared),
        DataLoader(val, sampler=own_share, **shared),
    )


def _num_workers(workers: Any) -> int:
    if workers != "auto":
        return int(workers)
    cores = torch.get_num_threads()
    return min(MAX_AUTO_WORKERS, cores) if torch.cuda.is_available() else 0

"""DetectorModule: the wiring of training and validation steps, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import lightning
import torch
from torch import Tensor

from yololab.data.batch import Batch
from yololab.detector import Detector
from yololab.losses.detection import DetectionLoss, LossTerms
from yololab.metrics.coco_metric import CocoMetric, Evaluation
from yololab.metrics.mask_rle import encode_masks
from yololab.metrics.nms import NMSConfig, suppress
from yololab.training.average import MovingAverage
from yololab.training.optimizer import make_optimizer, scaled_weight_decay
from yololab.training.schedule import Schedule


@dataclass(frozen=True)
class OptimizerConfig:
    """What make_optimizer needs, and how weight decay scales."""

    name: str
    lr: float
    momentum: float
    weight_decay: float
    batch_size: int
    accumulate: int
    nominal_batch: int


class DetectorModule(lightning.LightningModule):
    """Trains `detector` and evaluates its moving average (`ema`), or itself where there is none."""

    def __init__(
        self,
        detector: Detector,
        loss: DetectionLoss,
        *,
        optimizer: OptimizerConfig,
        schedule: Schedule,
        ema_decay: float,
        ema_tau: float,
        metric: CocoMetric,
        nms: NMSConfig,
    ) -> None:
        super().__init__()
        self.detector = detector
        self.loss = loss
        self.optimizer_config = optimizer
        self.schedule = schedule
        self.ema = MovingAverage(detector, ema_decay, ema_tau) if ema_decay else None
        self.metric = metric
        self.nms = nms
        self.evaluation: Evaluation | None = None
        self.evaluated_epoch = -1
        self._restored: tuple[dict[str, Tensor], Tensor | None] = ({}, None)
        self._sums: dict[str, Tensor] = {}
        """Of every loss term over this epoch's images, and their number; checkpoints keep them"""

    @property
    def evaluated(self) -> Detector:
        """The detector that validation and deployment use."""
        return self.ema.model if self.ema is not None else self.detector  # type: ignore[return-value]

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """One optimizer; the schedule sets its groups before every batch."""
        config = self.optimizer_config
        decay = scaled_weight_decay(config.weight_decay, config.batch_size, config.accumulate, config.nominal_batch)
        return make_optimizer(
            self.detector, name=config.name, lr=config.lr, momentum=config.momentum, weight_decay=decay
        )

    def transfer_batch_to_device(self, batch: Batch, device: torch.device, dataloader_idx: int) -> Batch:
        """Move a batch as a whole."""
        return batch.to(device, non_blocking=True)

    def on_train_epoch_start(self) -> None:
        """Start the epoch's sums."""
        self._sums = {}
        self._anneal()

    def _anneal(self) -> None:
        """Tell blocks that anneal how far training is."""
        progress = self.current_epoch / self.schedule.epochs
        for module in self.modules():
            set_progress = getattr(module, "set_progress", None)
            if set_progress is not None:
                set_progress(progress)

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Set learning rate and momentum for this batch."""
        batches = int(self.trainer.num_training_batches)
        self.schedule.apply(self.optimizers(), self.current_epoch * batches + batch_idx, batches)  # type: ignore[arg-type]

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Loss of a batch, all branches."""
        maps = self.detector(normalised(batch.images))
        terms = self._loss(self.detector, maps, batch)
        self._add_terms(terms, len(batch.indices))
        # DDP and accumulation average gradients; a loss that sums over the batch sums over those too.
        parts = self.trainer.world_size * self.optimizer_config.accumulate
        return terms.total * parts if self.loss.times_batch else terms.total

    def optimizer_step(self, *args: Any, **kwargs: Any) -> None:
        """Average after every step; here and not in a batch hook, so that every checkpoint holds both."""
        super().optimizer_step(*args, **kwargs)
        if self.ema is not None:
            self.ema.update(self.detector)

    def train_means(self) -> dict[str, float]:
        """Mean of every loss term over the epoch's images so far, by name; with DDP a collective call."""
        if not self._sums:
            return {}
        values = {name: float(value) for name, value in self._sums_of_all_ranks().items()}
        images = values.pop("images")
        return {f"train/{name}": value / images for name, value in values.items()}

    def _sums_of_all_ranks(self) -> dict[str, Tensor]:
        if not self._sums:
            return {}
        sums = self.trainer.strategy.reduce(torch.stack(list(self._sums.values())), reduce_op="sum")
        return dict(zip(self._sums, sums.unbind(), strict=True))  # type: ignore[union-attr]

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep what an epoch that is cut in the middle needs to go on as if it had not been."""
        checkpoint["epoch_sums"] = self._sums_of_all_ranks()
        checkpoint["rng_state"] = torch.get_rng_state()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Go on where the checkpoint stopped."""
        self._restored = (checkpoint.get("epoch_sums") or {}, checkpoint.get("rng_state"))

    def on_train_start(self) -> None:
        """Put back what on_load_checkpoint found; only now is everything built and moved."""
        sums, rng_state = self._restored
        share = float(self.trainer.is_global_zero)  # the checkpoint holds the sums of all ranks
        self._sums = {name: share * value.to(self.device) for name, value in sums.items()}
        if rng_state is not None:
            torch.set_rng_state(rng_state)
        self._anneal()

    def on_train_epoch_end(self) -> None:
        """Log the epoch's losses."""
        self.log_dict(self.train_means())

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Loss and detections of the averaged model."""
        model = self.evaluated
        maps = model.maps(normalised(batch.images))
        self._log_terms("val", self._loss(model, maps, batch), len(batch.indices))
        detections = model.head.detections(maps["main"])
        found = suppress(detections, self.nms)
        self.metric.update(batch.indices, batch.letterboxes, found)
        if detections.prototypes is not None:
            for index, back, image, prototypes in zip(
                batch.indices, batch.letterboxes, found, detections.prototypes, strict=True
            ):
                assert back is not None
                masks = encode_masks(image, prototypes, back, batch.images.shape[-1])
                self.metric.update_masks(index, image, masks)

    def on_validation_epoch_end(self) -> None:
        """The 12 COCO numbers."""
        metrics = self.metric.compute()
        self.evaluation, self.evaluated_epoch = self.metric.evaluation, self.current_epoch
        self.metric.reset()
        self.log_dict({f"val/{name}": value for name, value in metrics.items()}, sync_dist=True)

    def _loss(self, model: Detector, maps: dict[str, Any], batch: Batch) -> LossTerms:
        branches = {name: model.head.decode(branch, name) for name, branch in maps.items()}
        return self.loss(branches, batch.targets)

    @torch.no_grad()
    def _add_terms(self, terms: LossTerms, images: int) -> None:
        values = {name: value.detach().float() * images for name, value in terms.terms.items()}
        values["loss"] = torch.stack(list(values.values())).sum()
        values["images"] = torch.tensor(float(images), device=values["loss"].device)
        self._sums = {name: value + self._sums.get(name, 0.0) for name, value in values.items()}

    def _log_terms(self, stage: str, terms: LossTerms, batch_size: int) -> None:
        values = {f"{stage}/{name}": value for name, value in terms.terms.items()}
        values[f"{stage}/loss"] = torch.stack(list(terms.terms.values())).sum()
        self.log_dict(values, on_step=False, on_epoch=True, batch_size=batch_size, sync_dist=True)


def normalised(images: Tensor) -> Tensor:
    """uint8 images to floats in [0, 1]."""
    return images.float() / 255

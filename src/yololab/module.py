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
from yololab.metrics.masks import encode_masks
from yololab.metrics.nms import NMSConfig, suppress
from yololab.training.ema import MovingAverage
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
        self._steps_averaged = 0

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
        self._log_terms("train", terms, len(batch.indices))
        # DDP and accumulation average gradients; a loss that sums over the batch sums over those too.
        parts = self.trainer.world_size * self.optimizer_config.accumulate
        return terms.total * parts if self.loss.times_batch else terms.total

    def on_train_batch_end(self, outputs: Any, batch: Batch, batch_idx: int) -> None:
        """Average once per optimizer step."""
        if self.ema is not None and self.trainer.global_step > self._steps_averaged:
            self._steps_averaged = self.trainer.global_step
            self.ema.update(self.detector)

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Continue counting optimizer steps where the checkpoint stopped."""
        self._steps_averaged = checkpoint["global_step"]

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

    def _log_terms(self, stage: str, terms: LossTerms, batch_size: int) -> None:
        values = {f"{stage}/{name}": value for name, value in terms.terms.items()}
        total = torch.stack(list(terms.terms.values())).sum()
        values[f"{stage}/loss"] = total
        self.log_dict(values, on_step=False, on_epoch=True, batch_size=batch_size, sync_dist=True)


def normalised(images: Tensor) -> Tensor:
    """uint8 images to floats in [0, 1]."""
    return images.float() / 255

"""DetectorModule: the wiring of training and validation steps, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import lightning
import torch
from torch import Tensor, nn

from yololab.data.batch import Batch, normalised
from yololab.detector import Detector
from yololab.detector.patterns import frozen_norms
from yololab.losses.detection import DetectionLoss, LossTerms
from yololab.metrics.coco_metric import CocoMetric, Evaluation
from yololab.metrics.nms import NMSConfig, suppress
from yololab.ops.channels_last import channels_last
from yololab.training.average import MovingAverage
from yololab.training.divergence import (
    LOSS,
    Diverged,
    Numbers,
    ScalerWatch,
    StateWatch,
    fault_in,
    scaler_of,
    stop_together,
)
from yololab.training.epoch_sums import EpochSums
from yololab.training.steps import StepConfig


class DetectorModule(lightning.LightningModule):
    """Trains `detector` and evaluates its moving average (`ema`), or itself where there is none.

    Optimizer steps are its own, since Lightning ends every epoch with one: gradients that wait go on to the next epoch.
    """

    def __init__(
        self,
        detector: Detector,
        loss: DetectionLoss,
        *,
        steps: StepConfig,
        ema_decay: float,
        ema_tau: float,
        metrics: Mapping[str, CocoMetric],
        nms: NMSConfig,
    ) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.detector = channels_last(detector)
        self.loss = loss
        self.steps, self.schedule = steps, steps.schedule
        self.ema = MovingAverage(detector, ema_decay, ema_tau) if ema_decay else None
        self.metrics = nn.ModuleDict(metrics)
        """By split: "val", and "test" where the final numbers come from it"""
        self.nms = nms
        self.evaluations: dict[str, Evaluation] = {}
        """The last one by split"""
        self.evaluated_epoch = -1
        """The last epoch that was validated"""
        self._waiting = 0
        """Batches whose gradients no step has taken yet"""
        self._frozen_norms = frozen_norms(detector)
        self._watch = StateWatch(detector)
        self._scaled = ScalerWatch()
        self._fault: Diverged | None = None
        """The first one of this rank in an evaluation"""
        self._restored: dict[str, Any] = {}
        self._sums = EpochSums()

    @property
    def evaluated(self) -> Detector:
        """The detector that validation and deployment use."""
        return self.ema.model if self.ema is not None else self.detector  # type: ignore[return-value]

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """One optimizer; the schedule sets its groups before every batch."""
        return self.steps.optimizer_of(self.detector)

    def transfer_batch_to_device(self, batch: Batch, device: torch.device, dataloader_idx: int) -> Batch:
        """Move a batch as a whole."""
        return batch.to(device, non_blocking=True)

    def on_train_epoch_start(self) -> None:
        """Start the epoch's sums."""
        self._sums.clear()
        self._scaled.begin_epoch()
        self._anneal()

    def _anneal(self) -> None:
        """Tell blocks that anneal, and the loss, how far training is."""
        self.loss.set_epoch(self.current_epoch, self.schedule.epochs)
        progress = self.current_epoch / self.schedule.epochs
        for module in self.modules():
            set_progress = getattr(module, "set_progress", None)
            if set_progress is not None:
                set_progress(progress)

    def _number(self, batch_idx: int) -> tuple[int, int]:
        """A batch's number from the start of training, and batches per epoch."""
        batches = int(self.trainer.num_training_batches)
        return self.current_epoch * batches + batch_idx, batches

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Set learning rate and momentum for this batch; frozen norms keep their statistics."""
        for norm in self._frozen_norms:
            norm.eval()
        self.schedule.apply(self.optimizers(), *self._number(batch_idx))  # type: ignore[arg-type]

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """Loss of a batch, all branches; a step where enough batches have been seen."""
        maps = self.detector(normalised(batch.images))
        terms = self._loss(self.detector, maps, batch)
        self._sums.add(terms.terms, len(batch.indices))
        self.manual_backward(terms.total * self.trainer.world_size)  # DDP averages gradients, a step sums them
        self._waiting += 1
        number, batches = self._number(batch_idx)
        numbers = {LOSS: terms.terms}
        if scaler_of(self.trainer) is None:
            numbers["gradient of"] = self._watch.gradients()
        if self._waiting >= self.steps.accumulation.at(number, self.schedule.warmup_steps(batches)):
            numbers |= self._step()
        is_last = number + 1 == batches * self.schedule.epochs
        numbers |= self._scaled.numbers(self.device, is_last)
        stop_together(self.trainer, self._fault_in(numbers, batch, batch_idx, "train"))
        return terms.total.detach()

    def _step(self) -> Numbers:
        """Take a step; magnitudes of the weights that it left."""
        optimizer, scaler = self.optimizers(), scaler_of(self.trainer)
        self._scaled.begin_step(scaler)
        optimizer.step()  # type: ignore[union-attr]
        optimizer.zero_grad()  # type: ignore[union-attr]
        self._scaled.end_step(scaler)
        self._waiting = 0
        if self.ema is not None:
            self.ema.update(self.detector)
        return {"weight": self._watch.state()}

    def _fault_in(self, numbers: Numbers, batch: Batch, batch_idx: int, split: str) -> Diverged | None:
        rates = [group["lr"] for optimizer in self.trainer.optimizers for group in optimizer.param_groups]
        epoch = min(self.current_epoch, self.schedule.epochs - 1)  # a test comes after the last
        place = {"epoch": epoch, "batch": batch_idx, "split": split, "lr": rates[0] if rates else None}
        return fault_in(numbers, place, batch)

    def on_validation_model_zero_grad(self) -> None:
        """Leave gradients that wait for their step; Lightning would empty them before every validation."""

    def on_before_optimizer_step(self, optimizer: torch.optim.Optimizer) -> None:
        """Clip, after a gradient scaler has put the gradients back to their size."""
        if self.steps.clip_norm is not None:
            self.clip_gradients(optimizer, gradient_clip_val=self.steps.clip_norm, gradient_clip_algorithm="norm")

    def train_means(self) -> dict[str, float]:
        """Mean of every loss term over the epoch's images so far, by name; with DDP a collective call."""
        return {f"train/{name}": value for name, value in self._sums.means(self.trainer.strategy).items()}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep what a training that is cut anywhere needs to go on as if it had not been."""
        checkpoint["epoch_sums"] = self._sums.joined(self.trainer.strategy)
        checkpoint["rng_state"] = torch.get_rng_state()
        named = self.detector.named_parameters() if self._waiting else ()
        gradients = {name: parameter.grad for name, parameter in named if parameter.grad is not None}
        checkpoint["waiting"] = {"batches": self._waiting, "gradients": gradients}

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Go on where the checkpoint stopped."""
        self._restored = {key: checkpoint.get(key) for key in ("epoch_sums", "rng_state", "waiting")}

    def on_train_start(self) -> None:
        """Put back what on_load_checkpoint found; only now is everything built and moved."""
        self._sums.restore(self._restored.get("epoch_sums") or {}, self.trainer.is_global_zero, self.device)
        waiting = self._restored.get("waiting") or {"batches": 0, "gradients": {}}
        self._waiting = waiting["batches"]
        for name, gradient in waiting["gradients"].items():
            self.detector.get_parameter(name).grad = gradient.to(self.device)
        if self._restored.get("rng_state") is not None:
            torch.set_rng_state(self._restored["rng_state"])
        self._restored = {}
        self._watch = StateWatch(self.detector)  # tensors are where they stay
        self._anneal()

    def on_train_epoch_end(self) -> None:
        """Log the epoch's losses."""
        self.log_dict(self.train_means())

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Loss and detections of the averaged model."""
        self._evaluate(batch, batch_idx, "val")

    def test_step(self, batch: Batch, batch_idx: int) -> None:
        """The same on the test split."""
        self._evaluate(batch, batch_idx, "test")

    def _evaluate(self, batch: Batch, batch_idx: int, split: str) -> None:
        model, metric = self.evaluated, self._metric(split)
        maps = model.maps(normalised(batch.images))
        terms = self._loss(model, maps, batch)
        self._log_terms(split, terms, len(batch.indices))
        self._fault = self._fault or self._fault_in({LOSS: terms.terms}, batch, batch_idx, split)
        if self.trainer.world_size == 1:
            stop_together(self.trainer, self._fault)  # else when all are through: ranks may have unequal shares
        detections = model.head.detections(maps[model.head.answer])
        found = suppress(detections, self.nms)
        metric.update_with_masks(batch, found, detections.prototypes)

    def _metric(self, split: str) -> CocoMetric:
        metric = self.metrics[split]
        assert isinstance(metric, CocoMetric)
        return metric

    def on_validation_epoch_end(self) -> None:
        """The 12 COCO numbers."""
        self._conclude("val")
        self.evaluated_epoch = self.current_epoch

    def on_test_epoch_end(self) -> None:
        """The same of the test split."""
        self._conclude("test")

    def _conclude(self, split: str) -> None:
        stop_together(self.trainer, self._fault)
        metric = self._metric(split)
        numbers = metric.compute()
        assert metric.evaluation is not None
        self.evaluations[split] = metric.evaluation
        metric.reset()
        self.log_dict({f"{split}/{name}": value for name, value in numbers.items()}, sync_dist=True)

    def _loss(self, model: Detector, maps: dict[str, Any], batch: Batch) -> LossTerms:
        branches = {name: model.head.decode(branch, name) for name, branch in maps.items()}
        return self.loss(branches, batch.targets)

    def _log_terms(self, stage: str, terms: LossTerms, batch_size: int) -> None:
        values = {f"{stage}/{name}": value for name, value in terms.terms.items()}
        values[f"{stage}/loss"] = torch.stack(list(terms.terms.values())).sum()
        self.log_dict(values, on_step=False, on_epoch=True, batch_size=batch_size, sync_dist=True)

"""Stopping at the step at which numbers stop being numbers: loss, gradients and weights are looked at every batch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import lightning
import torch
from torch import Tensor, nn

from yololab.data.batch import Batch
from yololab.errors import RunFailed

Numbers = dict[str, dict[str, Tensor]]
"""Scalars by what they are and by name: {"weight": {"stem.conv.weight": its largest magnitude}}"""
LOSS = "loss term"
ADVICE = "a smaller recipe.lr, recipe.clip_norm=10 or recipe.precision=32-true often help"


class DivergedSomewhere(RunFailed):
    """Training diverged, on this rank or on another."""

    ends_every_rank = True


class Diverged(DivergedSomewhere):
    """A loss, gradient or weight is NaN or infinite; nothing was saved after it.

    `what` names it ("loss term box", "gradient of head.conv.weight", "weight stem.conv.weight"), `terms` are the
    batch's loss terms, `place` is {"epoch": 2, "batch": 17, "split": "train", "lr": 0.01}, counted from 0.
    """

    def __init__(
        self, what: str, value: float, terms: Mapping[str, float], place: Mapping[str, Any], batch: Batch
    ) -> None:
        where = f"epoch {place['epoch'] + 1}, batch {place['batch'] + 1} of {place['split']}"
        super().__init__(f"{where}: the {what} is {value}; {ADVICE}")
        self.what, self.value, self.terms, self.place, self.batch = what, value, dict(terms), dict(place), batch


class DivergedElsewhere(DivergedSomewhere):
    """Another rank has diverged, and keeps the batch."""


class StateWatch:
    """The largest magnitudes of a module's gradients, weights and floating-point buffers, on their device.

    A largest magnitude, unlike a sum of squares, overflows only where a number already has.
    """

    def __init__(self, module: nn.Module) -> None:
        self._parameters = [(name, p) for name, p in module.named_parameters() if p.requires_grad]
        named = {**dict(module.named_parameters()), **dict(module.named_buffers())}
        self._state = {name: tensor for name, tensor in named.items() if tensor.is_floating_point()}

    def gradients(self) -> dict[str, Tensor]:
        """Of every gradient there is, by its parameter."""
        return _largest({name: p.grad for name, p in self._parameters if p.grad is not None})

    def state(self) -> dict[str, Tensor]:
        """Of every weight and buffer."""
        return _largest(self._state)


@torch.no_grad()
def _largest(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    filled = {name: tensor.detach() for name, tensor in tensors.items() if tensor.numel()}
    if not filled:
        return {}
    values = list(filled.values())
    if values[0].device.type == "cpu":  # nine times as fast there
        low, high = zip(*(torch.aminmax(value) for value in values), strict=True)
        largest: Sequence[Tensor] = torch.maximum(_together(high), -_together(low)).unbind()
    else:
        largest = torch._foreach_norm(values, math.inf)  # type: ignore[attr-defined]
    return dict(zip(filled, largest, strict=True))


def _together(scalars: Sequence[Tensor]) -> Tensor:
    return torch.stack([scalar.double() for scalar in scalars])


def fault_in(numbers: Numbers, place: Mapping[str, Any], batch: Batch) -> Diverged | None:
    """The first of `numbers` that is not finite, as the error that it is; None where all are. Asks the device once."""
    names = [f"{kind} {name}" for kind, group in numbers.items() for name in group]
    scalars = [number.detach().float() for group in numbers.values() for number in group.values()]
    values = torch.stack(scalars).tolist() if scalars else []
    for name, value in zip(names, values, strict=True):
        if not math.isfinite(value):
            terms = {term: float(found) for term, found in numbers.get(LOSS, {}).items()}
            return Diverged(name, value, terms, place, batch)
    return None


def stop_together(trainer: lightning.Trainer, fault: Diverged | None) -> None:
    """Raise a fault, on every rank where any has one; with several ranks a collective call.

    Gradients of all ranks are averaged: where one rank's loss has broken, the broken gradients of others follow.
    """
    own = worst = 0 if fault is None else 2 if fault.what.startswith(LOSS) else 1
    if trainer.world_size > 1:
        weight = torch.tensor(float(own), device=trainer.strategy.root_device)
        worst = int(trainer.strategy.reduce(weight, reduce_op="max"))
    if own < worst:
        raise DivergedElsewhere(f"epoch {trainer.current_epoch + 1}: training diverged on another rank; {ADVICE}")
    if fault is not None:
        raise fault


def scaler_of(trainer: lightning.Trainer) -> Any:
    """The gradient scaler of 16-bit training, which leaves out steps with infinite gradients; None without one."""
    return getattr(trainer.precision_plugin, "scaler", None)


class ScalerWatch:
    """Follows steps that a gradient scaler leaves out, as it should where gradients are infinite at its scale.

    From 65,536, where it begins, 17 in a row bring the scale below 1: then the gradients themselves are no numbers.
    """

    def __init__(self) -> None:
        self._scale = 0.0
        self._left_out = 0
        """In a row"""
        self._taken = 0
        """In this epoch"""

    def begin_epoch(self) -> None:
        """Start counting the steps of an epoch."""
        self._taken = 0

    def begin_step(self, scaler: Any) -> None:
        """Note the scale that a step begins with; without a scaler, nothing."""
        self._scale = scaler.get_scale() if scaler is not None else 0.0

    def end_step(self, scaler: Any) -> None:
        """Count the step as left out where its scale fell."""
        if scaler is not None and scaler.get_scale() < self._scale:
            self._left_out += 1
        else:
            self._left_out, self._taken = 0, self._taken + 1

    def numbers(self, device: torch.device, is_last: bool) -> Numbers:
        """An infinite gradient where no scale will do, or the last batch ends an epoch in which no step was taken."""
        if not self._left_out or (self._scale >= 1 and (self._taken or not is_last)):
            return {}
        return {"gradient": {f"of {self._left_out} steps in a row": torch.tensor(math.inf, device=device)}}

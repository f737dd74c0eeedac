"""How fast detectors are, side by side on one machine: deploy form, with decoding, without suppression.

Cells (a detector, what computes, how many images at a time) are timed in turn, round after round, so that whatever else
the machine does meets all of them alike.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from yololab.detector import Detector
from yololab.errors import ConfigError, did_you_mean
from yololab.inference.backend import Backend, TorchBackend, open_onnx
from yololab.inference.card import Card
from yololab.inference.export_formats import Prepared, write_onnx
from yololab.inference.exported import Exported
from yololab.study.latency import ONNX, PYTORCH, Timing

WARM_UP = 3
LEAST_ROUNDS = 4
BACKENDS = (PYTORCH, ONNX)


@dataclass(frozen=True)
class Subject:
    """A detector that is timed, in deploy form."""

    detector: Detector
    card: Card


@dataclass(frozen=True)
class _Cell:
    subject: str
    name: str
    backend: Backend
    images: Tensor


def benchmark(
    subjects: Mapping[str, Subject],
    *,
    backends: Sequence[str] = (PYTORCH,),
    batches: Sequence[int] = (1,),
    rounds: int = 50,
    device: torch.device,
) -> dict[str, list[Timing]]:
    """Timings of every subject at its image size, by its name. ConfigError for a backend or a number that cannot be."""
    if rounds < LEAST_ROUNDS:
        raise ConfigError(f"rounds={rounds}: expected at least {LEAST_ROUNDS}, for a median and quartiles")
    for name in backends:
        if name not in BACKENDS:
            raise ConfigError(f"backend {name}: expected some of {', '.join(BACKENDS)}{did_you_mean(name, BACKENDS)}")
    cells = [
        _cell(name, subject, backend, batch, device)
        for name, subject in subjects.items()
        for backend in backends
        for batch in batches
    ]
    times: list[list[float]] = [[] for _ in cells]
    for round_ in range(WARM_UP + rounds):
        for place, cell in enumerate(cells):
            seconds = _timed(cell, device)
            if round_ >= WARM_UP:
                times[place].append(1000 * seconds)
    found: dict[str, list[Timing]] = {name: [] for name in subjects}
    for cell, measured in zip(cells, times, strict=True):
        low, median, high, p95 = (float(value) for value in np.percentile(measured, (25, 50, 75, 95)))
        found[cell.subject].append(Timing(cell.name, len(cell.images), median, low, high, p95))
    return found


def _cell(name: str, subject: Subject, backend: str, batch: int, device: torch.device) -> _Cell:
    size = subject.card.image_size
    images = torch.zeros(batch, 3, size, size)
    if backend == PYTORCH:
        precision = str(subject.card.config["recipe"]["precision"])
        return _Cell(name, backend, TorchBackend(subject.detector, device, precision), images.to(device))
    card = Card(**{**vars(subject.card), "batch": batch, "fixed": True})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        network = Exported(subject.detector).to("cpu")  # a copy: PyTorch's cell keeps its own where and as it is
        network.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
        write_onnx(Prepared(network, images, card, dynamic=False, half=False), path)
        session, _ = open_onnx(path, torch.get_num_threads())
    return _Cell(name, backend, session, images)


def _timed(cell: _Cell, device: torch.device) -> float:
    started = time.perf_counter()
    cell.backend.raw(cell.images)
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - started

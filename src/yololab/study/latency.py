"""How long the deployed detectors of a study take for one image, side by side on one machine.

Weights do not matter, so detectors are built anew. They are timed in turn, round after round, so that whatever else the
machine does meets all of them alike; the median and the quartiles over rounds are kept in the study's latency.json.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from yololab.assemble import build_detector
from yololab.detector import Detector
from yololab.files import read_json, write_text
from yololab.run.provenance import device_name, machine
from yololab.run.record import RunRecord

LATENCY_FILE = "latency.json"
WARM_UP = 3


@dataclass(frozen=True)
class Latency:
    """Milliseconds of a forward pass with one image, over rounds."""

    median_ms: float
    low_ms: float
    """First quartile"""
    high_ms: float
    """Third quartile"""


def measure_latency(
    records: Sequence[RunRecord], config_of: Callable[[RunRecord], Mapping[str, Any]], rounds: int, device: torch.device
) -> dict[str, Latency]:
    """Latency by graph fingerprint of every distinct detector of `records`, deployed, at its image size."""
    first = {record.complexity["fingerprint"]: record for record in reversed(records)}
    detectors = {name: _deployed(config_of(record), record, device) for name, record in first.items()}
    inputs = {
        name: torch.zeros(1, 3, *[int(record.complexity["image_size"])] * 2, device=device)
        for name, record in first.items()
    }
    times: dict[str, list[float]] = {name: [] for name in detectors}
    with torch.inference_mode():
        for round_ in range(WARM_UP + rounds):
            for name, detector in detectors.items():
                seconds = _timed(detector, inputs[name], device)
                if round_ >= WARM_UP:
                    times[name].append(1000 * seconds)
    return {name: _summary(found) for name, found in times.items()}


def _deployed(config: Mapping[str, Any], record: RunRecord, device: torch.device) -> Detector:
    classes = len(record.per_class) if config["num_classes"] is None else config["num_classes"]
    return build_detector(config, classes).eval().deploy().to(device)


def _timed(detector: Detector, image: torch.Tensor, device: torch.device) -> float:
    started = time.perf_counter()
    detector.maps(image)
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - started


def _summary(found: Sequence[float]) -> Latency:
    low, median, high = statistics.quantiles(found, n=4, method="inclusive")
    return Latency(median, low, high)


def write_latency(study: Path, found: Mapping[str, Latency], device: torch.device, rounds: int) -> Path:
    """Write latency.json: what was measured, where and how often."""
    content = {
        "machine": {**machine(), "device": device_name(device)},
        "rounds": rounds,
        "by_graph": {name: asdict(latency) for name, latency in found.items()},
    }
    path = study / LATENCY_FILE
    write_text(path, json.dumps(content, indent=1) + "\n")
    return path


def with_latency(study: Path, records: Sequence[RunRecord]) -> list[RunRecord]:
    """Records with `latency_ms` among their costs, where it was measured."""
    try:
        known = read_json(study / LATENCY_FILE)["by_graph"]
        medians = {str(name): float(latency["median_ms"]) for name, latency in known.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return list(records)
    return [
        replace(record, complexity={**record.complexity, "latency_ms": medians[record.complexity["fingerprint"]]})
        if record.complexity.get("fingerprint") in medians
        else record
        for record in records
    ]

"""What `yololab benchmark` has measured of a study's detectors, kept in its latency.json and shown by its table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from yololab.files import read_json, write_text
from yololab.run.record import RunRecord

LATENCY_FILE = "latency.json"
PYTORCH, ONNX = "pytorch", "onnx"
COLUMNS = {PYTORCH: "latency_ms", ONNX: "latency_onnx_ms"}
"""Costs of a record that the table shows, by what computes; one image at a time"""


@dataclass(frozen=True)
class Timing:
    """Of one detector, with what computes and how many images at a time; milliseconds of a batch, over rounds."""

    backend: str
    batch: int
    median_ms: float
    low_ms: float
    """First quartile"""
    high_ms: float
    """Third quartile"""
    p95_ms: float

    @property
    def images_per_second(self) -> float:
        """Throughput at the median."""
        return 1000 * self.batch / self.median_ms


def write_latency(study: Path, found: Mapping[str, Sequence[Timing]], measured_on: Mapping[str, Any]) -> Path:
    """Write latency.json: timings by graph fingerprint, and where and how often they were measured."""
    by_graph = {name: [asdict(timing) for timing in timings] for name, timings in found.items()}
    path = study / LATENCY_FILE
    write_text(path, json.dumps({**measured_on, "by_graph": by_graph}, indent=1) + "\n")
    return path


def with_latency(study: Path, records: Sequence[RunRecord]) -> list[RunRecord]:
    """Records with `latency_ms` and `latency_onnx_ms` among their costs, where they were measured."""
    try:
        known = read_json(study / LATENCY_FILE)["by_graph"]
        costs = {str(name): _costs(timings) for name, timings in known.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return list(records)
    return [
        replace(record, complexity={**record.complexity, **costs.get(str(record.complexity.get("fingerprint")), {})})
        for record in records
    ]


def _costs(timings: Any) -> dict[str, float]:
    if isinstance(timings, dict):  # as it was written before batches and backends were measured
        return {COLUMNS[PYTORCH]: float(timings["median_ms"])}
    found = [timing for timing in timings if timing["batch"] == 1 and timing["backend"] in COLUMNS]
    return {COLUMNS[timing["backend"]]: float(timing["median_ms"]) for timing in found}

"""RunRecord: everything that a finished run says about itself, as JSON by a schema."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import fastjsonschema

from yololab.errors import YololabError
from yololab.files import read_json, write_text
from yololab.metrics.names import PERCENT, is_score, percent_text

RECORD_VERSION = 2
RESULTS_FILE = "results.json"
DEEPEST = 64
"""Levels of a configuration"""
SCHEMA_FILE = Path(__file__).with_name("run_record.schema.json")


@dataclass(frozen=True)
class RunRecord:
    """One finished run."""

    run_id: str
    study: str
    seed: int
    choices: Mapping[str, str]
    """Chosen option of every Hydra group"""
    science: Mapping[str, Any]
    data_fingerprint: str
    metrics: Mapping[str, float]
    """The 12 COCO numbers of the last epoch's averaged weights, on `final`; NaN where there was nothing to measure"""
    per_class: Mapping[str, Mapping[str, float]]
    complexity: Mapping[str, Any]
    curve: list[Mapping[str, float]]
    """One row per epoch"""
    durations: Mapping[str, float]
    """Seconds: `total` over all attempts, `epoch` on average"""
    libraries: Mapping[str, str]
    machine: Mapping[str, Any]
    git: Mapping[str, Any]
    data_problems: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    images: Mapping[str, int] = field(default_factory=dict)
    """Of every split that was read"""
    classes: list[str] = field(default_factory=list)
    """Names in the order of their labels; JSON does not keep that of `per_class`"""
    final: str = "val"
    """The split that `metrics`, `per_class` and the kept detections are of"""
    validation: Mapping[str, float] = field(default_factory=dict)
    """`metrics` on the validation split, where `final` is another"""
    remarks: list[str] = field(default_factory=list)
    """What is to be known of its graph: how closely a widened baseline matches"""
    training: Mapping[str, Any] = field(default_factory=dict)
    """What the recipe came to: optimizer, its rates, batches per step, steps"""
    overrides: list[str] = field(default_factory=list)
    """As typed"""
    attempts: int = 1
    """1: never interrupted"""
    pruned: Mapping[str, Any] | None = None
    """Epochs that were run and who stopped it, where `study.prune` did"""
    peak_memory: Mapping[str, float] = field(default_factory=dict)
    """Bytes: `process` and `gpu`, of the last attempt"""
    energy: Mapping[str, float] = field(default_factory=dict)
    """Joules of the last attempt: `cpu` and `gpu`, what their counters said, whoever used them; empty where they cannot
    be read"""
    wandb_id: str | None = None
    checkpoints: Mapping[str, str] = field(default_factory=dict)
    """First 16 digits of the SHA-256 of every checkpoint file, by name"""
    schema_version: int = RECORD_VERSION

    def write(self, folder: Path) -> Path:
        """Check against the schema and write results.json into the run's folder, whole or not at all."""
        import jsonschema  # slow to import, and reading does without

        path = folder / RESULTS_FILE
        content = nan_to_null(asdict(self))
        jsonschema.validate(content, record_schema())
        write_text(path, json.dumps(content, indent=1, sort_keys=True, allow_nan=False))
        return path

    def summary(self) -> dict[str, Any]:
        """What a tracker shows for a finished run; metrics in percent."""
        return {
            **{name: PERCENT * value for name, value in self.metrics.items() if math.isfinite(value)},
            **{k: v for k, v in self.complexity.items() if k.startswith(("params", "gflops"))},
            "seconds_per_epoch": self.durations["epoch"],
            **{f"AP/{name}": PERCENT * n["AP"] for name, n in self.per_class.items() if math.isfinite(n["AP"])},
        }

    def by_epoch(self, key: str) -> dict[int, float]:
        """A score of its curve ("val/mAP") in percent, by epoch from 1; epochs without one are left out."""
        found = {int(row["epoch"]) + 1: row.get(key) for row in self.curve}
        return {n: PERCENT * float(value) for n, value in found.items() if value is not None and math.isfinite(value)}

    def headline(self) -> str:
        """ "r0123456789 done in 95s: mAP 52.4, mAP50 75.3", in percent."""
        how = f"pruned after {self.pruned['epochs']} epochs" if self.pruned else "done"
        scores = f"mAP {percent_text(self.metrics['mAP'])}, mAP50 {percent_text(self.metrics['mAP50'])}"
        scores += "" if self.final == "val" else f" on the {self.final} split"
        if "best_epoch" in self.training:
            scores += f"; patience ended it after {self.training['epochs']} epochs"
        return f"{self.run_id} {how} in {self.durations['total']:.0f}s: {scores}"


@lru_cache
def record_schema() -> dict[str, Any]:
    """The JSON Schema that every results.json of this version keeps to."""
    return json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


def read_record(folder: Path) -> RunRecord | None:
    """The record of a run folder, of this or an earlier version; None where there is none yet.

    YololabError where it cannot be read.
    """
    content = read_content(folder)
    if content is None:
        return None
    known = {f.name for f in fields(RunRecord)}
    return RunRecord(**_null_to_nan({key: value for key, value in content.items() if key in known}))


def read_content(folder: Path) -> dict[str, Any] | None:
    """What results.json holds, checked, as JSON has it; None where there is none yet. YololabError as read_record."""
    path = folder / RESULTS_FILE
    try:
        content = read_json(path)
        version = content.get("schema_version") if isinstance(content, dict) else None
        if isinstance(version, int) and version > RECORD_VERSION:
            raise YololabError(f"{path}: written by a newer yololab (record version {version}, here {RECORD_VERSION})")
        _check_reading()(content)
        _check_values(content)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error))[:300]
        raise YololabError(f"{path}: not a readable run record ({reason}); remove the file to run it again") from error
    return content


@lru_cache
def _check_reading() -> Callable[[Any], Any]:
    """Types of what is there; keys that came with a later version may be missing, and those of a later one are left."""
    schema = copy.deepcopy(record_schema())
    del schema["$schema"]  # the compiler knows drafts up to 7; ours uses nothing that came after
    needed = [f.name for f in fields(RunRecord) if f.default is MISSING and f.default_factory is MISSING]
    schema["required"] = [*needed, "schema_version"]
    schema["additionalProperties"] = True
    schema["properties"]["schema_version"] = {"type": "integer", "minimum": 1}
    return fastjsonschema.compile(schema)


def _check_values(content: Mapping[str, Any]) -> None:
    """What a schema cannot say. ValueError names what no run can have reached."""
    groups = [content["metrics"], content.get("validation", {}), *content["per_class"].values()]
    for name, value in (item for group in groups for item in group.items()):
        if value is not None and value != -1 and not 0 <= value <= 1:
            raise ValueError(f"{name} is {value!s:.20}, expected 0 to 1")
    for row in content["curve"]:
        if not all(math.isfinite(row.get(key) or 0.0) for key in ("epoch", "seconds")):
            raise ValueError("an epoch of the curve has no number")
    _require_shallow(content["science"])
    if not isinstance(content["science"].get("recipe", {}), dict):
        raise ValueError("science.recipe is no mapping")
    json.dumps([content["choices"], content.get("overrides")], ensure_ascii=False).encode()  # no half characters


def _require_shallow(value: Any) -> None:
    """ValueError for what is nested deeper than any configuration: whoever walks through it would fail."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return
    raise ValueError("nested too deeply")


NUMBERS = ("metrics", "per_class", "curve", "durations", "validation")
"""Where null stands for a number that does not exist: JSON has no NaN. Earlier versions kept COCO's -1 for a score."""


def nan_to_null(value: Any) -> Any:
    """Numbers that JSON does not have as null, at any depth."""
    if isinstance(value, dict):
        return {key: nan_to_null(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [nan_to_null(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _null_to_nan(content: dict[str, Any]) -> dict[str, Any]:
    def numbers(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: numbers(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [numbers(inner) for inner in value]
        return math.nan if value is None or (value == -1 and is_score(name)) else value

    return {key: numbers(value) if key in NUMBERS else value for key, value in content.items()}

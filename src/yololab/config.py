"""Composing the configuration, checking it, and telling what changes the science from what does not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from hydra import compose as hydra_compose
from hydra import initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException, ValidationError

from yololab.errors import ConfigError, did_you_mean

SCHEMA_VERSION = 1
NOT_SCIENCE = frozenset({"runtime", "study", "tracker", "checkpoint", "plan", "ckpt_path", "hydra", "experiment"})
PLACES = frozenset({"root"})
"""Keys of `data` that say where it lies; the data's fingerprint says what it is."""


@dataclass
class AugmentSchema:
    """Types of recipe.augment; see yololab.data.augment.AugmentConfig."""

    mosaic: float
    mixup: float
    degrees: float
    translate: float
    scale: float
    shear: float
    flip_lr: float
    flip_ud: float
    hsv_h: float
    hsv_s: float
    hsv_v: float


@dataclass
class EvaluationSchema:
    """Types of recipe.evaluation."""

    every: int
    confidence: float
    iou: float
    max_detections: int
    multi_label: bool
    backend: str


@dataclass
class RecipeSchema:
    """Types of recipe; the values and what they mean stand in conf/recipe/base.yaml."""

    epochs: int
    batch_size: int
    optimizer: str
    lr: float
    final_lr: float
    schedule: str
    momentum: float
    weight_decay: float
    nominal_batch: int
    accumulate: int
    warmup_epochs: float
    warmup_iterations: int
    warmup_momentum: float
    warmup_bias_lr: float
    clip_norm: float | None
    precision: str
    ema_decay: float
    ema_tau: float
    close_mosaic: int
    aux_weight: float
    augment: AugmentSchema
    evaluation: EvaluationSchema


@dataclass
class StudySchema:
    """Types of study."""

    name: str
    exclude: Any
    zip: Any
    design: str
    prune: str | None


@dataclass
class RuntimeSchema:
    """Types of runtime."""

    root: str
    workers: Any
    progress: bool
    rerun: bool
    pictures: int
    cell: str | None


@dataclass
class CheckpointSchema:
    """Types of checkpoint."""

    minutes: float | None


@dataclass
class TrackerSchema:
    """Types of tracker."""

    name: str
    mode: str
    project: str | None
    entity: str | None


@dataclass
class RootSchema:
    """Types of the keys that every configuration has."""

    seed: int
    image_size: int
    num_classes: int | None
    weights: str | None
    ckpt_path: str | None
    match: str | None
    plan: bool
    checkpoint: CheckpointSchema
    study: StudySchema
    runtime: RuntimeSchema
    recipe: RecipeSchema
    tracker: TrackerSchema


CHOICES = {
    "study.design": ("full", "half", "quarter"),
    "study.prune": (None, "asha", "median"),
    "match": (None, "gflops"),
    "recipe.optimizer": ("sgd", "adamw"),
    "recipe.schedule": ("linear", "cosine"),
    "recipe.precision": ("32-true", "16-mixed", "bf16-mixed"),
    "recipe.evaluation.backend": ("hotcoco", "pycocotools"),
    "tracker.name": ("wandb", "none"),
    "tracker.mode": ("offline", "online", "disabled"),
}
AT_LEAST = {
    "seed": 0,
    "image_size": 32,
    "num_classes": 1,
    "recipe.epochs": 1,
    "recipe.batch_size": 1,
    "recipe.accumulate": 1,
    "recipe.nominal_batch": 1,
    "recipe.close_mosaic": 0,
    "recipe.evaluation.every": 1,
    "recipe.evaluation.max_detections": 1,
    "recipe.warmup_epochs": 0,
    "recipe.lr": 0,
    "checkpoint.minutes": 0,
}


def conf_dir() -> Path:
    """The folder of the configuration: inside an installed package, or beside src in a checkout."""
    packaged = Path(__file__).parent / "conf"
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / "conf"


def compose(overrides: list[str], config_dir: str | None = None) -> DictConfig:
    """Compose conf/train.yaml with command-line overrides, outside of a Hydra application, and check it.

    `config_dir` is a further folder of YAML, as Hydra's --config-dir.

    Raises ConfigError that names the nearest valid choice or key.
    """
    from yololab.hydra_errors import explain

    if config_dir is not None:
        overrides = [*overrides, f"hydra.searchpath=[file://{Path(config_dir).absolute()}]"]
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(conf_dir()), version_base="1.3"):
            cfg = hydra_compose("train", overrides=overrides)
    except Exception as error:
        message = explain(error)
        if message is None:
            raise
        raise ConfigError(message) from error
    return check(cfg)


def check(cfg: DictConfig) -> DictConfig:
    """Check types and ranges; return the configuration, resolved. ConfigError says which key, and what it expects."""
    try:
        content: dict[str, Any] = OmegaConf.to_container(cfg, resolve=True)  # type: ignore[assignment]
    except OmegaConfBaseException as error:
        raise ConfigError(f"{error.full_key or 'configuration'}: {str(error).splitlines()[0]}") from error
    check_content(content)
    return OmegaConf.create(content)


def check_content(content: Mapping[str, Any]) -> None:
    """Check types and ranges of a resolved configuration; ConfigError as in `check`."""
    typed = {f.name: content[f.name] for f in fields(RootSchema) if f.name in content}
    _check_typed(json.dumps(typed, default=str))


@lru_cache(maxsize=4096)
def _check_typed(text: str) -> None:
    """Of the typed half as JSON: the cells of a sweep share most of theirs."""
    content = json.loads(text)
    try:
        schema = OmegaConf.structured(RootSchema)
        for key in schema:
            OmegaConf.update(schema, str(key), content[str(key)])
    except KeyError as error:
        raise ConfigError(f"{error.args[0]}: the configuration lacks this key") from error
    except ValidationError as error:
        raise ConfigError(f"{error.full_key}: {str(error).splitlines()[0]}") from error
    except OmegaConfBaseException as error:
        raise ConfigError(f"{error.full_key or 'configuration'}: {str(error).splitlines()[0]}") from error
    for key, choices in CHOICES.items():
        value = _select(content, key)
        if value not in choices:
            names = [str(choice) for choice in choices if choice is not None]
            raise ConfigError(f"{key}={value}: expected one of {', '.join(names)}{did_you_mean(str(value), names)}")
    for key, least in AT_LEAST.items():
        value = _select(content, key)
        if value is not None and value < least:
            raise ConfigError(f"{key}={value}: expected at least {least}")
    workers, study = content["runtime"]["workers"], content["study"]["name"]
    if workers != "auto" and not (isinstance(workers, int) and workers >= 0):
        raise ConfigError(f"runtime.workers={workers}: expected auto or a number from 0")
    if not study or "/" in study or study.startswith("."):
        raise ConfigError(f"study.name={study!r}: expected a name that can be a folder")


def _select(content: Mapping[str, Any], key: str) -> Any:
    for part in key.split("."):
        content = content[part]
    return content


def science(cfg: DictConfig) -> dict[str, Any]:
    """The half of a resolved configuration that changes results: what a run's identity is made of."""
    return science_of(OmegaConf.to_container(cfg, resolve=True))  # type: ignore[arg-type]


def science_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """`science` of a resolved configuration in plain dicts."""
    kept = {key: value for key, value in content.items() if key not in NOT_SCIENCE}
    kept["data"] = {key: value for key, value in content["data"].items() if key not in PLACES}
    kept["trainer"] = {key: value for key, value in content["trainer"].items() if key != "accelerator"}
    return kept


def canonical_json(content: Any) -> str:
    """One text for equal contents, whatever their order."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def run_id(science_config: dict[str, Any], data_fingerprint: str, graph_fingerprint: str) -> str:
    """Letter and 10 hexadecimal digits: equal runs have equal ids.

    The graph's fingerprint stands for the choices that only shape the graph, so attention=none is one run wherever
    insert_pos points.
    """
    shaping = {"model", "backbone", "neck", "aux", "block", "scale", "attention", "insert_pos", "match"}
    rest = {key: value for key, value in science_config.items() if key not in shaping}
    rest["head"] = None  # in the graph
    text = canonical_json([SCHEMA_VERSION, rest, data_fingerprint, graph_fingerprint])
    return "r" + hashlib.sha256(text.encode()).hexdigest()[:10]

"""Types of the configuration's own keys, as OmegaConf checks them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


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
    max_aspect: float


@dataclass
class EvaluationSchema:
    """Types of recipe.evaluation."""

    every: int
    confidence: float
    iou: float
    max_detections: int
    multi_label: bool
    rectangular: bool
    shrink: str
    backend: str
    nms: str


@dataclass
class RecipeSchema:
    """Types of recipe; the values and what they mean stand in conf/recipe/base.yaml."""

    epochs: int
    batch_size: int
    optimizer: str
    lr: float | None
    final_lr: float
    schedule: str
    momentum: float | None
    weight_decay: float
    nominal_batch: int
    accumulate: Any
    warmup_epochs: float
    warmup_iterations: int
    warmup_momentum: float
    warmup_bias_lr: float | None
    clip_norm: float | None
    precision: str
    ema_decay: float
    ema_tau: float
    close_mosaic: int
    aux_weight: float
    patience: int | None
    freeze: Any
    lr_factors: Any
    class_weights: Any
    augment: AugmentSchema
    evaluation: EvaluationSchema


@dataclass
class PrimarySchema:
    """Types of study.primary."""

    metric: str = "mAP"
    contrast: Any = None


@dataclass(kw_only=True)
class StudySchema:
    """Types of study; keys with a default came later, and are missing from what was frozen before."""

    name: str
    exclude: Any
    zip: Any
    design: str
    controls: Any = None
    seeds: str | None = None
    most_seeds: int = 8
    prune: str | None
    baseline: Any
    smallest_effect: float | None
    hypothesis: str | None = None
    primary: PrimarySchema = field(default_factory=PrimarySchema)


@dataclass
class RuntimeSchema:
    """Types of runtime."""

    root: str
    threads: int | None
    workers: Any
    loader_timeout: float
    progress: bool
    rerun: bool
    pictures: int
    folder: str | None
    trust: Any = None
    compile: str | None = None


@dataclass
class CheckpointSchema:
    """Types of checkpoint."""

    minutes: float | None


@dataclass
class RootSchema:
    """Types of the keys that every configuration has."""

    seed: int
    init_seed: int | None
    replica: int
    image_size: int
    num_classes: int | None
    weights: str | None
    ckpt_path: str | None
    match: str | None
    match_form: str
    plan: bool
    checkpoint: CheckpointSchema
    study: StudySchema
    runtime: RuntimeSchema
    recipe: RecipeSchema

"""The check of a resolved configuration: types, ranges, choices, and what contradicts itself."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException, ValidationError

from yololab.config.finite import require_finite
from yololab.config.recipe_keys import check_recipe
from yololab.config.schema import RootSchema
from yololab.config.study_keys import check_study
from yololab.config.texts import as_yaml, quoting, require_texts
from yololab.config.trust import trust_of
from yololab.errors import ConfigError, did_you_mean

NAME, LONGEST_NAME = re.compile(r"\w[\w .+=@-]*"), 120
CHOICES = {
    "study.design": ("full", "half", "third", "quarter", "one_at_a_time"),
    "study.seeds": (None, "auto"),
    "study.prune": (None, "asha", "median"),
    "match": (None, "gflops", "params"),
    "match_form": ("deploy", "train"),
    "recipe.optimizer": ("sgd", "adamw", "muon", "auto"),
    "recipe.schedule": ("linear", "cosine"),
    "recipe.precision": ("32-true", "16-mixed", "bf16-mixed"),
    "recipe.evaluation.shrink": ("linear", "area"),
    "recipe.evaluation.nms": ("nms", "none"),
    "recipe.evaluation.backend": ("hotcoco", "pycocotools"),
    "tracker.mode": (None, "offline", "online"),
}
CHOSEN = ("data", "attention", "head", "loss", "assigner", "insert_pos", "trainer", "tracker")
"""Groups of which every configuration has a choice"""
AT_LEAST = {
    "seed": 0,
    "init_seed": 0,
    "replica": 0,
    "image_size": 32,
    "num_classes": 1,
    "recipe.epochs": 1,
    "recipe.batch_size": 1,
    "recipe.nominal_batch": 1,
    "recipe.close_mosaic": 0,
    "recipe.patience": 1,
    "recipe.evaluation.every": 1,
    "recipe.evaluation.max_detections": 1,
    "recipe.warmup_epochs": 0,
    "recipe.warmup_iterations": 0,
    "recipe.final_lr": 0,
    "recipe.aux_weight": 0,
    "recipe.ema_tau": 1e-6,
    "recipe.augment.mosaic": 0,
    "recipe.augment.translate": 0,
    "recipe.augment.scale": 0,
    "recipe.evaluation.iou": 0,
    "recipe.evaluation.confidence": 0,
    "recipe.lr": 0,
    "recipe.weight_decay": 0,
    "recipe.momentum": 0,
    "recipe.ema_decay": 0,
    "recipe.augment.max_aspect": 1,
    "checkpoint.minutes": 0,
    "runtime.threads": 1,
    "runtime.loader_timeout": 0,
    "study.most_seeds": 2,
}
AT_MOST = {
    "seed": 2**32 - 1,
    "init_seed": 2**32 - 1,
    "replica": 2**63 - 1,
    "image_size": 16384,
    "recipe.lr": 1e38,
    "recipe.warmup_bias_lr": 1e38,
    "recipe.final_lr": 1e6,
    "recipe.weight_decay": 1e38,
    "recipe.momentum": 1,
    "recipe.warmup_momentum": 1,
    "recipe.ema_decay": 1,
    "recipe.augment.degrees": 180,
    "recipe.augment.shear": 89,
    "recipe.augment.translate": 1,
    "recipe.augment.scale": 1,
    "recipe.evaluation.iou": 1,
    "recipe.evaluation.confidence": 1,
}


def check(config: Mapping[str, Any]) -> None:
    """Check types and ranges of a resolved configuration; ConfigError says which key, and what it expects."""
    missing = [name for name in CHOSEN if not isinstance(config.get(name), Mapping)]
    if missing:
        raise ConfigError(f"{missing[0]}: nothing was chosen, or no mapping; choose one, as in {missing[0]}=NAME")
    typed = {f.name: config[f.name] for f in fields(RootSchema) if f.name in config}
    require_finite({key: value for key, value in config.items() if key not in typed}, infinity=True)
    _check_typed(json.dumps(typed | {"tracker": config.get("tracker")}, default=str))


@lru_cache(maxsize=4096)
def _check_typed(text: str) -> None:
    """Of the typed keys as JSON: the runs of a sweep share most of theirs."""
    config = json.loads(text)
    require_texts(config, RootSchema, CHOICES)
    require_finite(config)
    for key in ("project", "entity"):
        value = (config.get("tracker") or {}).get(key)
        if value is not None and not isinstance(value, str):
            raise ConfigError(f"tracker.{key}={as_yaml(value)}: {quoting(f'tracker.{key}', value)}")
    try:
        schema = OmegaConf.structured(RootSchema)
        for key in schema:
            OmegaConf.update(schema, str(key), config[str(key)])
    except KeyError as error:
        raise ConfigError(f"{error.args[0]}: the configuration lacks this key") from error
    except ValidationError as error:
        raise ConfigError(f"{error.full_key}: {str(error).splitlines()[0]}") from error
    except OmegaConfBaseException as error:
        raise ConfigError(f"{error.full_key or 'configuration'}: {str(error).splitlines()[0]}") from error
    _check_ranges(config)
    _check_steps(config["recipe"])
    check_recipe(config["recipe"])
    check_study(config["study"])
    trust_of(config)
    smallest = config["study"].get("smallest_effect")
    if smallest is not None and not smallest > 0:
        raise ConfigError(f"study.smallest_effect={smallest}: expected more than 0, or null where none was named")
    workers, study = config["runtime"]["workers"], config["study"]["name"]
    if workers != "auto" and (type(workers) is not int or workers < 0):
        raise ConfigError(f"runtime.workers={workers}: expected auto or a number from 0")
    if not NAME.fullmatch(study) or len(study.encode()) > LONGEST_NAME or study[-1] in ". ":
        raise ConfigError(
            f"study.name={study!r}: expected a name that can be a folder: letters, digits, spaces and ._+=@-, "
            f"at most {LONGEST_NAME} bytes, no dot, blank or dash first and no dot or blank last"
        )


def _check_ranges(config: Mapping[str, Any]) -> None:
    """Choices and bounds of single keys."""
    for key, choices in CHOICES.items():
        value = _select(config, key)
        if value not in choices:
            names = [str(choice) for choice in choices if choice is not None]
            raise ConfigError(f"{key}={value}: expected one of {', '.join(names)}{did_you_mean(str(value), names)}")
    for key, least in AT_LEAST.items():
        value = _select(config, key)
        if isinstance(value, str):
            raise ConfigError(f"{key}={value}: expected a number")
        if value is not None and value < least:
            raise ConfigError(f"{key}={value}: expected at least {least}")
    for key, most in AT_MOST.items():
        value = _select(config, key)
        if value is not None and value > most:
            raise ConfigError(f"{key}={value}: expected at most {most}")


def _check_steps(recipe: Mapping[str, Any]) -> None:
    """That batches per step and the optimizer's rates are said once, and whole."""
    accumulate = recipe["accumulate"]
    if accumulate != "nominal" and not (isinstance(accumulate, int) and accumulate >= 1):
        raise ConfigError(f"recipe.accumulate={accumulate}: expected nominal or a number from 1")
    if recipe["clip_norm"] is not None and recipe["clip_norm"] <= 0:
        raise ConfigError(f"recipe.clip_norm={recipe['clip_norm']}: expected more than 0, or null for no clipping")
    missing = [f"recipe.{key}" for key in ("lr", "momentum", "warmup_bias_lr") if recipe[key] is None]
    if missing and recipe["optimizer"] != "auto":
        raise ConfigError(
            f"{', '.join(missing)}: null, which only recipe.optimizer=auto fills in; "
            f"recipe.optimizer={recipe['optimizer']} needs numbers (the references' are 0.01, 0.937 and 0.1)"
        )


def _select(config: Any, key: str) -> Any:
    """The value of a dotted key; None where there is none."""
    for part in key.split("."):
        config = config.get(part) if isinstance(config, Mapping) else None
    return config

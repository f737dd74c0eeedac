"""What makes two runs the same run: the one rule of what counts as science, and the id made of it."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from yololab.files import content_hash

SCHEMA_VERSION, REVISION = 1, 2
NOT_SCIENCE = (
    "runtime",
    "study",
    "tracker",
    "checkpoint",
    "plan",
    "hydra",
    "experiment",
    "ckpt_path",
    "data.root",
    "trainer.accelerator",
)
"""Keys, with all that is below them, that say where and how a run is made, and never what comes out of it."""
GRAPH_KEYS = (
    "model",
    "backbone",
    "timm",
    "neck",
    "aux",
    "block",
    "upsample",
    "downsample",
    "scale",
    "attention",
    "insert_pos",
    "match",
    "match_form",
    "levels",
    "head",
)
"""Keys that only shape the graph; in a run's id, the graph's fingerprint stands for them."""
LATER: dict[str, Any] = {
    "levels": None,
    "data.final": "val",
    "recipe.augment.max_aspect": 100.0,
    "recipe.evaluation.rectangular": False,
    "recipe.evaluation.shrink": "linear",
    "recipe.evaluation.nms": "nms",
    "recipe.patience": None,
    "recipe.freeze": [],
    "recipe.lr_factors": None,
    "recipe.class_weights": None,
    "loss.inner": None,
    "loss.focaler": None,
    "loss.wise": None,
    "loss.branches": None,
    "loss.last_epochs": None,
    "loss.classes": "bce",
    "init_seed": None,
    "replica": 0,
    "runtime.loader_timeout": 600.0,
    "runtime.compile": None,
}
"""Keys that came later, with what was the case before them: at that they are left out, so that ids stay."""
ABSENT = "absent"
"""Stands for the value of a key that a configuration does not have."""
FILES = ("weights", "ckpt_path")
"""Keys that name a file: it counts by its content, wherever it lies. ckpt_path=last names none."""


def completed(config: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration that was frozen before a key of LATER came, with what was the case then."""
    found: dict[str, Any] = copy.deepcopy(dict(config))
    for key, value in LATER.items() if "recipe" in found else ():
        *path, last = key.split(".")
        node: Any = found
        for part in path:
            node = node.get(part) if isinstance(node, dict) else None
        if isinstance(node, dict):
            node.setdefault(last, copy.deepcopy(value))
    return found


@lru_cache(maxsize=2**14)  # a plan asks the same hundred keys for every run
def is_science(key: str) -> bool:
    """Whether a dotted key ("recipe.lr"), or a group of choices, can change a run's results."""
    return not any(key == other or key.startswith(f"{other}.") for other in NOT_SCIENCE)


def as_text(value: Any) -> str:
    """A setting as tables and conditions have it."""
    return value if isinstance(value, str) else json.dumps(value)


def science(config: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a resolved configuration that can change results. ConfigError where a file it names is missing."""
    kept = _kept(_without_test_split(config))
    named = {key: config.get(key) for key in FILES if config.get(key) not in (None, "last")}
    return kept | {key: content_hash(str(path), key) for key, path in named.items()}


def _kept(config: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    return {
        key: _kept(value, f"{prefix}{key}.") if isinstance(value, Mapping) else value
        for key, value in config.items()
        if is_science(f"{prefix}{key}") and LATER.get(f"{prefix}{key}", ABSENT) != value
    }


def _without_test_split(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without the name of a split that nothing reads."""
    data = config.get("data")
    if not isinstance(data, Mapping) or data.get("final") == "test":
        return config
    return {**config, "data": {key: value for key, value in data.items() if key != "test"}}


@dataclass(frozen=True)
class Identity:
    """A run's id and what it is made of."""

    run_id: str
    science: dict[str, Any]
    data_fingerprint: str


def identify(config: Mapping[str, Any], data_fingerprint: str, graph_fingerprint: str) -> Identity:
    """Identity of a resolved configuration on these data with this graph."""
    found = science(config)
    return Identity(run_id(found, data_fingerprint, graph_fingerprint), found, data_fingerprint)


def run_id(found: Mapping[str, Any], data_fingerprint: str, graph_fingerprint: str) -> str:
    """Letter and 10 hexadecimal digits of what `science` found: equal runs have equal ids.

    So attention=none is one run wherever insert_pos points: both build the same graph.
    """
    rest = {key: value for key, value in found.items() if key not in GRAPH_KEYS}
    if _came_out_otherwise(found):
        rest["revision"] = REVISION
    rest["head"] = None  # in the graph; the key stays for the ids of earlier records
    text = canonical_json([SCHEMA_VERSION, rest, data_fingerprint, graph_fingerprint])
    return "r" + hashlib.sha256(text.encode()).hexdigest()[:10]


def _came_out_otherwise(found: Mapping[str, Any]) -> bool:
    """Whether a run of these settings had other numbers before REVISION, so that it must not pass for the same run.

    Gradients of accumulated batches were averaged and steps taken at the end of every epoch, AdamW's betas warmed up,
    batches were those of each device, and boxes of augmented objects did not follow their masks.
    """
    recipe, trainer = found.get("recipe") or {}, found.get("trainer") or {}
    return (
        recipe.get("accumulate", 1) not in (1, "nominal")
        or (recipe.get("optimizer") == "adamw" and recipe.get("warmup_momentum") != recipe.get("momentum"))
        or trainer.get("devices", 1) not in (1, "1", "auto")
        or found.get("task") == "segment"
    )


def settings_of(found: Mapping[str, Any]) -> dict[str, Any]:
    """What `science` found by dotted key, with the keys of LATER that it leaves out."""
    return LATER | flat(found)


def canonical_json(content: Any) -> str:
    """One text for equal contents, whatever their order."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def flat(value: Any, prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one, with dotted keys."""
    if not isinstance(value, Mapping):
        return {prefix: value}
    found: dict[str, Any] = {}
    for key, inner in value.items():
        found |= flat(inner, f"{prefix}.{key}" if prefix else str(key))
    return found

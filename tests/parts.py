"""What conf/ lists: the choices of every group, and the part that a choice makes. Contract tests read both from here.

`folder` is a further folder of YAML, as --config-dir takes one: a choice that stands there is found as one of conf/ is.
"""

from __future__ import annotations

import copy
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import torch
from omegaconf import OmegaConf

from yololab.assemble import build_detector, make_parts
from yololab.assigners.base import Assigner
from yololab.attention.base import Attention
from yololab.blocks.base import Block
from yololab.config.compose import compose
from yololab.config.place import conf_dir
from yololab.config.target import TARGET, arguments_of, find_class, instantiate
from yololab.data.augment import AugmentConfig
from yololab.data.source import DataSource
from yololab.detector.detector import Detector
from yololab.errors import ConfigError
from yololab.losses.box import BoxLoss
from yololab.metrics.nms import NMSConfig
from yololab.trackers.base import Tracker

SMALL = ("num_classes=3", "image_size=64", "scale.width=0.125", "scale.depth=0.1")
"""Any model at its narrowest, for tests that compute something."""


def choices(group: str, folder: Path | None = None) -> list[str]:
    """Names of the YAML files of a group."""
    return sorted(_files(group, folder))


def named(group: str, folder: Path | None = None) -> list[str]:
    """Those choices of a group that name a class; attention=none and block=default say that they name none."""
    found = _files(group, folder)
    return [choice for choice in sorted(found) if OmegaConf.load(found[choice]).get(TARGET, "") is not None]


def _files(group: str, folder: Path | None) -> dict[str, Path]:
    roots = [conf_dir()] if folder is None else [conf_dir(), folder]
    return {path.stem: path for root in roots for path in (root / group).glob("*.yaml")}


def config_of(group: str, choice: str, folder: Path | None = None, *more: str) -> dict[str, Any]:
    """The configuration of one choice, as train.py composes it."""
    return copy.deepcopy(_composed((f"{group}={choice}", *more), folder))


@cache
def _composed(overrides: tuple[str, ...], folder: Path | None) -> dict[str, Any]:
    return compose(overrides, None if folder is None else str(folder))


def make_attention(choice: str, folder: Path | None = None, channels: int = 32) -> Attention:
    torch.manual_seed(0)
    return instantiate(config_of("attention", choice, folder)["attention"], Attention, "attention", channels)


def make_block(choice: str, folder: Path | None = None, channels: int = 24) -> Block:
    """A stage of two repeats from 16 channels to `channels`."""
    torch.manual_seed(0)
    node = {**config_of("block", choice, folder)["block"], "channels": channels, "repeats": 2}
    return instantiate(node, Block, "block", 16)


def make_assigner(choice: str, folder: Path | None = None) -> Assigner:
    return instantiate(config_of("assigner", choice, folder)["assigner"], Assigner, "assigner")


def make_box_loss(choice: str, folder: Path | None = None) -> BoxLoss:
    return instantiate(config_of("loss", choice, folder)["loss"]["box"], BoxLoss, "loss.box")


def make_source(choice: str, folder: Path | None = None, root: Path = Path("/no/such/place")) -> DataSource:
    """The source of a data set that lies nowhere, where it has a root at all."""
    node = config_of("data", choice, folder)["data"]
    return instantiate({**node, "root": str(root)} if "root" in node else node, DataSource, "data")


def tracker_class(choice: str, folder: Path | None = None) -> tuple[type[Tracker], dict[str, Any]]:
    """The class and the arguments that its YAML gives."""
    node = config_of("tracker", choice, folder)["tracker"]
    return find_class(node[TARGET], Tracker), arguments_of(node)


def make_detector(group: str, choice: str, folder: Path | None = None, *more: str, device: str = "meta") -> Detector:
    """The detector of one choice, everything else as it comes with it."""
    config = config_of(group, choice, folder, *more)
    return build_detector(config, make_parts(config).num_classes, device)


def fits(group: str, choice: str, folder: Path | None, *more: str) -> bool:
    """Whether a choice builds among these others."""
    try:
        make_detector(group, choice, folder, *SMALL, *more)
    except ConfigError:
        return False
    return True


def augment(**changes: float) -> AugmentConfig:
    """The augmentation of conf/recipe/base.yaml, but for `changes`."""
    base: Any = OmegaConf.to_container(OmegaConf.load(conf_dir() / "recipe" / "base.yaml"))
    return AugmentConfig(**{**base["augment"], **changes})


def nms(**changes: Any) -> NMSConfig:
    """The suppression of conf/recipe/base.yaml, but for `changes`."""
    base: Any = OmegaConf.to_container(OmegaConf.load(conf_dir() / "recipe" / "base.yaml"))
    known = {field.name for field in fields(NMSConfig)}
    return NMSConfig(**{key: value for key, value in base["evaluation"].items() if key in known} | changes)

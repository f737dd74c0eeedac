"""From configuration to objects: what stands below this file takes objects and numbers, never a configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from yololab.assigners.base import Assigner
from yololab.config.target import instantiate
from yololab.data.augment import AugmentConfig
from yololab.data.source import DataSource
from yololab.detector.detector import Detector
from yololab.detector.match import widen_to
from yololab.detector.weights import Transfer, load_weights
from yololab.errors import ConfigError
from yololab.graph.build import build_graph
from yololab.graph.from_config import make_graph, scale_of
from yololab.losses.box import BoxLoss
from yololab.losses.detection import DetectionLoss


def build_detector(config: Mapping[str, Any], device: str = "cpu") -> Detector:
    """The detector of a configuration, in training form, its weights initialised from its seed."""
    classes, size = num_classes(config), config["image_size"]
    graph = make_graph(config, classes)
    if config["match"] == "gflops":
        width = scale_of(config).width
        graph = widen_to(graph, lambda w: make_graph(config, classes, attended=False, width=w), width, size)
    detector = Detector(build_graph(graph, seed=config["seed"], device=device))
    if size % detector.max_stride:
        raise ConfigError(f"image_size={size}: expected a multiple of {detector.max_stride}")
    return detector


def start_from_weights(config: Mapping[str, Any], detector: Detector) -> Transfer | None:
    """Load `weights`, if there are any, by the preset's mapping of official names; what became of every tensor."""
    if config["weights"] is None:
        return None
    return load_weights(detector, config["weights"], config["model"].get("checkpoint") or {})


def num_classes(config: Mapping[str, Any]) -> int:
    """num_classes where it is given, else the data's."""
    given = config["num_classes"]
    return given if given is not None else make_source(config).num_classes


def make_source(config: Mapping[str, Any]) -> DataSource:
    """The data source; nothing is read yet."""
    return instantiate(config["data"], DataSource, "data")


def make_loss(config: Mapping[str, Any]) -> DetectionLoss:
    """The loss with its assigner and box loss."""
    loss = config["loss"]
    box = instantiate(loss["box"], BoxLoss, "loss.box")
    assigner = instantiate(config["assigner"], Assigner, "assigner")
    gains = {str(key): float(value) for key, value in loss["gains"].items()}
    branch_weights = {"aux": config["recipe"]["aux_weight"]}
    return DetectionLoss(box, assigner, gains, branch_weights, times_batch=loss["times_batch"])


def make_augment(config: Mapping[str, Any]) -> AugmentConfig:
    """The augmentation of the recipe."""
    try:
        return AugmentConfig(**config["recipe"]["augment"])
    except ValueError as error:
        raise ConfigError(str(error)) from error

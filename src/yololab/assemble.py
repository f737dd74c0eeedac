"""From configuration to objects: what stands below this file takes objects and numbers, never a configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from yololab.assigners.base import Assigner
from yololab.config.target import TARGET, instantiate
from yololab.config.trust import trust_of, trusting
from yololab.data.augment import AugmentConfig
from yololab.data.source import DataSource
from yololab.detector.detector import Detector
from yololab.detector.match import cost_of, widen_to
from yololab.detector.patterns import freeze_, rate_factors
from yololab.detector.weights import Transfer, load_weights
from yololab.errors import ConfigError, did_you_mean
from yololab.graph.build import build_graph, resolve_block
from yololab.graph.from_config import make_graph, scale_of
from yololab.graph.infer import infer_specs
from yololab.heads.one_to_one import set_answer
from yololab.losses.box import BoxLoss
from yololab.losses.branches import branches_of
from yololab.losses.detection import DetectionLoss
from yololab.losses.wrappers import wrapped


@dataclass(frozen=True)
class Parts:
    """What is chosen beside the graph; nothing is read yet."""

    source: DataSource
    augment: AugmentConfig
    loss: DetectionLoss
    num_classes: int
    """As the configuration has it, or else the data"""


def make_parts(config: Mapping[str, Any]) -> Parts:
    """Data source, augmentation, and loss with its assigner. ConfigError where a choice cannot be made."""
    loss, recipe, given = config["loss"], config["recipe"], config["num_classes"]
    for key in ("gains", "times_batch"):
        if key not in loss:
            raise ConfigError(f"loss.{key}: missing; the YAML of a head gives it, as conf/head/detect.yaml does")
    with trusting(trust_of(config)):
        source = instantiate(config["data"], DataSource, "data")
        box = wrapped(instantiate(loss["box"], BoxLoss, "loss.box"), loss)
        assigner = instantiate(config["assigner"], Assigner, "assigner")
    gains = {str(name): float(gain) for name, gain in loss["gains"].items()}
    weights = _class_weights(recipe["class_weights"], source)
    branches = branches_of(loss.get("branches"), assigner)
    criterion = DetectionLoss(
        box,
        assigner,
        gains,
        {"aux": recipe["aux_weight"]} | {name: branch.weight for name, branch in branches.items()},
        times_batch=loss["times_batch"],
        class_weights=weights,
        branch_assigners={name: branch.assigner for name, branch in branches.items()},
        classes=loss.get("classes", "bce"),
        last_epochs=_epochs_of(loss.get("last_epochs")),
    )
    try:
        augment = AugmentConfig(**recipe["augment"])
    except ValueError as error:
        raise ConfigError(str(error)) from error
    return Parts(source, augment, criterion, source.num_classes if given is None else given)


def _epochs_of(given: Mapping[str, Any] | None) -> dict[str, int]:
    """Numbers of epochs by term. ConfigError for what is no such number."""
    for name, epochs in (given or {}).items():
        if isinstance(epochs, bool) or not isinstance(epochs, int) or epochs < 0:
            raise ConfigError(f"loss.last_epochs.{name}={epochs!r}: expected a whole number from 0")
    return dict(given or {})


def _class_weights(named: Mapping[str, float] | None, source: DataSource) -> dict[int, float]:
    """Weights by label. ConfigError for a class that the data does not have."""
    if not named:
        return {}
    known = source.classes if source.num_classes else ()
    for name in named:
        if name not in known:
            raise ConfigError(f"recipe.class_weights: the data has no class {name!r}{did_you_mean(name, known)}")
    return {known.index(name): float(weight) for name, weight in named.items()}


def build_detector(config: Mapping[str, Any], num_classes: int, device: str = "cpu") -> Detector:
    """The detector of a configuration, in training form, its weights initialised from its seed."""
    with trusting(trust_of(config)):
        return _detector(config, num_classes, device)


def _detector(config: Mapping[str, Any], num_classes: int, device: str) -> Detector:
    size = config["image_size"]
    graph = make_graph(config, num_classes)
    if config["match"] is not None and config["attention"].get(TARGET):  # else it is the baseline itself
        cost = cost_of(config["match"], config["match_form"], size)
        width = scale_of(config).width
        match = widen_to(
            graph, lambda w: make_graph(config, num_classes, attended=False, width=w), width, config["match"], cost
        )
        graph = replace(match.graph, remarks=(match.remark,))
    start = config["seed"] if config["init_seed"] is None else config["init_seed"]
    detector = Detector(build_graph(graph, seed=start, device=device))
    answer_by_(detector, config)
    freeze_(detector, config["recipe"]["freeze"])
    rate_factors(detector, config["recipe"]["lr_factors"])  # a pattern that matches nothing is told before all else
    if config["task"] == "segment" and not detector.head.predicts_masks:
        raise ConfigError("task=segment: the chosen head predicts no masks; head=v8_segment does")
    if size % detector.max_stride:
        raise ConfigError(f"image_size={size}: expected a multiple of {detector.max_stride}")
    return detector


def _places(config: Mapping[str, Any], detector: Detector) -> dict[str, str]:
    """Places in files of others, and what stands for them here: the preset's, and those that a node knows itself."""
    places = dict(config["model"].get("checkpoint") or {})
    for name, module in detector.named_modules():
        known = getattr(module, "checkpoint_places", None)
        places |= {place: f"{name}.{own}" for place, own in known().items()} if known else {}
    return places


def answer_by_(detector: Detector, config: Mapping[str, Any]) -> None:
    """Let the branch answer that recipe.evaluation.nms asks for. ConfigError where the head has no such branch."""
    nms = config["recipe"]["evaluation"].get("nms", "nms")
    try:
        set_answer(detector.head, nms)
    except ValueError as error:
        raise ConfigError(f"recipe.evaluation.nms={nms}: {error}; head=one_to_one has such a branch") from error


@contextmanager
def answering_by(detector: Detector, config: Mapping[str, Any]) -> Iterator[None]:
    """Let another branch answer for a while."""
    before = detector.head.answer
    answer_by_(detector, config)
    try:
        yield
    finally:
        detector.head.answer = before


def start_from_weights(config: Mapping[str, Any], detector: Detector) -> Transfer | None:
    """Load `weights`, if there are any, by the preset's mapping of official names; what became of every tensor."""
    if config["weights"] is None:
        return None
    by_level = None
    if config.get("levels") is not None:
        plain = make_graph({**config, "levels": None}, detector.head.num_classes)
        specs = infer_specs(plain, resolve_block)
        by_level = (detector.head.strides, tuple(specs[name].stride for name in plain.head.inputs))
    return load_weights(detector, config["weights"], _places(config, detector), by_level)

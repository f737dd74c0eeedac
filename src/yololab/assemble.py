"""From configuration to objects: the one place that instantiates. Below it there is no cfg."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import hydra.utils
from hydra.errors import InstantiationException
from omegaconf import DictConfig, OmegaConf

from yololab.assigners.base import Assigner
from yololab.complexity import gflops
from yololab.data.augment import AugmentConfig
from yololab.data.source import DataSource
from yololab.detector import Detector
from yololab.errors import ConfigError, YololabError
from yololab.graph.build import build_graph
from yololab.graph.node import Graph
from yololab.graph.parse import parse_graph
from yololab.graph.rewrite import Insertion, insert, replace_stages
from yololab.graph.scale import Scale
from yololab.losses.box import BoxLoss
from yololab.losses.detection import DetectionLoss
from yololab.weights import Transfer, load_weights

SECTIONS = ("backbone", "neck", "aux")
MOST_WIDENED = 3.0
WIDTH_STEPS = 12


def build_detector(cfg: DictConfig, device: str = "cpu") -> Detector:
    """The detector of a configuration, in training form, its weights initialised from cfg.seed."""
    graph = matched_graph(cfg) if cfg.match == "gflops" else make_graph(cfg)
    detector = Detector(build_graph(graph, seed=cfg.seed, device=device))
    if cfg.image_size % detector.max_stride:
        raise ConfigError(f"image_size={cfg.image_size}: expected a multiple of {detector.max_stride}")
    return detector


def matched_graph(cfg: DictConfig) -> Graph:
    """The graph without attention, widened until its GFLOPs are nearest to those of the graph with it.

    Widths come in multiples of 8 channels, so the match is as close as those allow; the counts say how close.
    """

    def cost(graph: Graph) -> float:
        return gflops(Detector(build_graph(graph, device="meta")).eval(), cfg.image_size)

    target, best = cost(make_graph(cfg)), make_graph(cfg, attended=False)
    smallest = abs(cost(best) - target)
    low, high = float(cfg.scale.width), MOST_WIDENED * float(cfg.scale.width)
    for _ in range(WIDTH_STEPS):
        width = (low + high) / 2
        widened = make_graph(cfg, attended=False, width=width)
        excess = cost(widened) - target
        if abs(excess) < smallest:
            best, smallest = widened, abs(excess)
        low, high = (width, high) if excess < 0 else (low, width)
    return best


def make_graph(cfg: DictConfig, attended: bool = True, width: float | None = None) -> Graph:
    """The graph of a configuration, rewritten but not pruned; without its attention, or at another width, if asked."""
    content: dict[str, Any] = OmegaConf.to_container(cfg, resolve=True)  # type: ignore[assignment]
    order = content["model"].get("sections", SECTIONS)
    sections = {name: content[name] if content[name].get("nodes") else None for name in order}
    head = {**content["head"], "num_classes": num_classes(cfg)}
    _require_aux(head, sections, content["model"]["name"])
    scale = Scale(**content["scale"])
    scale = scale if width is None else replace(scale, width=width)
    graph = parse_graph(content["model"]["name"], sections, head, scale)
    stage, attention = content["block"], content["attention"]
    if stage.get("_target_"):
        graph = replace_stages(graph, stage["_target_"], _arguments(stage))
    if attention.get("_target_") and attended:
        block, arguments = inserted(attention, content["insert_pos"])
        graph = insert(graph, block, arguments, insertion(content["insert_pos"]))
    return graph


def inserted(attention: Mapping[str, Any], insert_pos: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Block and arguments of what is inserted: the attention, its placebo, either of them behind a closed gate."""
    block, arguments = attention["_target_"], _arguments(attention)
    for asked, wrapper in (("placebo", "Placebo"), ("identity_start", "Gated")):
        if insert_pos.get(asked):
            arguments = {"attention": {"_target_": block, **arguments}}
            block = f"yololab.attention.{wrapper}"
    return block, arguments


def insertion(insert_pos: Mapping[str, Any]) -> Insertion:
    """Where attention goes: the user's own `into` and `after` where there are any, else the named place."""
    own = Insertion(_patterns(insert_pos.get("into")), _patterns(insert_pos.get("after")))
    if own.into or own.after:
        return own
    place = insert_pos.get("place") or {}
    return Insertion(_patterns(place.get("into")), _patterns(place.get("after")))


def start_from_weights(cfg: DictConfig, detector: Detector) -> Transfer | None:
    """Load cfg.weights, if there are any, by the preset's mapping of official names; what became of every tensor."""
    if cfg.weights is None:
        return None
    return load_weights(detector, cfg.weights, cfg.model.get("checkpoint") or {})


def num_classes(cfg: DictConfig) -> int:
    """cfg.num_classes where it is given, else the data's."""
    return cfg.num_classes if cfg.num_classes is not None else make_source(cfg).num_classes


def make_source(cfg: DictConfig) -> DataSource:
    """The data source; nothing is read yet."""
    return _instantiate(cfg.data, "data")


def make_loss(cfg: DictConfig) -> DetectionLoss:
    """The loss with its assigner and box loss."""
    box: BoxLoss = _instantiate(cfg.loss.box, "loss.box")
    assigner: Assigner = _instantiate(cfg.assigner, "assigner")
    gains = {str(key): float(value) for key, value in cfg.loss.gains.items()}
    return DetectionLoss(
        box, assigner, gains, branch_weights={"aux": cfg.recipe.aux_weight}, times_batch=cfg.loss.times_batch
    )


def make_augment(cfg: DictConfig) -> AugmentConfig:
    """The augmentation of the recipe."""
    try:
        return AugmentConfig(**cfg.recipe.augment)
    except ValueError as error:
        raise ConfigError(str(error)) from error


def _instantiate(node: DictConfig, key: str) -> Any:
    try:
        return hydra.utils.instantiate(node)
    except InstantiationException as error:
        if isinstance(error.__cause__, YololabError):
            raise error.__cause__ from None
        detail = error.__cause__ or error
        raise ConfigError(f"{key}: {node.get('_target_')}: {detail}") from error


def _arguments(node: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != "_target_"}


def _patterns(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _require_aux(head: Mapping[str, Any], sections: Mapping[str, Any], model: str) -> None:
    reads_aux = any(str(source).startswith("aux.") for source in head["from"])
    if reads_aux and not sections["aux"]:
        raise ConfigError(f"head reads an auxiliary branch, and model={model} has none; choose one with aux=...")

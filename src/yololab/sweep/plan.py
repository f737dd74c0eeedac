"""The plan of a sweep: every cell composed, checked, identified and labelled before anything runs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from hydra.core.config_loader import ConfigLoader
from omegaconf import DictConfig, OmegaConf

from yololab.assemble import build_detector
from yololab.config import canonical_json, check_content
from yololab.data.records import DetectionData
from yololab.detector import Detector
from yololab.errors import ConfigError, YololabError
from yololab.fitting import check_parts, data_fingerprint, read_data, require_masks
from yololab.identity import Identity, folder_of, identify
from yololab.study.cells import HIDDEN
from yololab.study.claim import Watch
from yololab.study.folder import FrozenCell, RunFolder, run_folders
from yololab.sweep.axes import Axes, read_axes
from yololab.sweep.composition import Composed, Composer
from yololab.sweep.conditions import Condition, parse_condition
from yololab.sweep.design import Design, make_design

Label = Literal["new", "planned", "running", "done", "failed", "interrupted", "duplicate"]
SHAPING = ("model", "backbone", "neck", "aux", "block", "scale", "attention", "insert_pos", "match", "head")


@dataclass(frozen=True)
class PlannedCell:
    """One combination of settings."""

    overrides: tuple[str, ...]
    varied: tuple[str, ...]
    """Those overrides in which it differs from other cells"""
    composed: Composed
    identity: Identity
    graph_key: str
    state: Label
    duplicate_of: PlannedCell | None = None
    """The first cell that is the same run: same graph, same science, same data"""

    @property
    def run_id(self) -> str:
        """Name of its run folder."""
        return self.identity.run_id

    @property
    def folder(self) -> RunFolder:
        """Where it runs."""
        return RunFolder(folder_of(self.composed.content, self.run_id))

    @property
    def label(self) -> str:
        """ "attention=cbam seed=0"."""
        return " ".join(self.varied) or "(one cell)"

    def frozen(self) -> FrozenCell:
        """What its folder keeps; a cell of a sweep is never the one that plans or clears."""
        content = dict(self.composed.content)
        content["plan"] = False
        content["runtime"] = {**content["runtime"], "rerun": False, "cell": None}
        return FrozenCell(content, self.composed.choices, self.overrides)


@dataclass(frozen=True)
class Plan:
    """All cells, and what a reader must know about them."""

    cells: tuple[PlannedCell, ...]
    excluded: int
    """Left out by study.exclude"""
    thinned: int
    """Left out by study.design"""
    aliases: tuple[str, ...]
    resolution: int | None
    notes: tuple[str, ...]
    detectors: Mapping[str, Detector] = field(repr=False)
    """One per distinct graph, without memory, by `graph_key`"""
    images: Mapping[str, tuple[int, int]] = field(repr=False)
    """Training and validation images by data fingerprint"""

    @property
    def runs(self) -> tuple[PlannedCell, ...]:
        """Cells without duplicates: one per run folder."""
        return tuple(cell for cell in self.cells if cell.duplicate_of is None)

    @property
    def studies(self) -> tuple[Path, ...]:
        """Study folders that the cells belong to."""
        return tuple(dict.fromkeys(cell.folder.path.parent for cell in self.cells))

    def counts(self) -> dict[str, int]:
        """Cells by state."""
        return dict(Counter(cell.state for cell in self.cells))


@dataclass
class Planner:
    """Reads data and builds graphs once per distinct choice."""

    composer: Composer
    watch: Watch = field(default_factory=Watch)
    _data: dict[str, tuple[DetectionData, DetectionData, str]] = field(default_factory=dict)
    _detectors: dict[str, Detector] = field(default_factory=dict)
    _parts: set[str] = field(default_factory=set)

    def plan(self, axes: Axes, study: Mapping[str, Any]) -> Plan:
        """Plan every combination of `axes`. ConfigError that lists the cells that cannot be built."""
        conditions = [parse_condition(text) for text in _texts(study.get("exclude"), "study.exclude")]
        design = make_design(study.get("design", "full"), axes.axes)
        combinations = axes.cells()
        kept = [overrides for place, overrides in combinations if design.keeps(place)]
        fixed = set(axes.fixed)
        cells: list[PlannedCell] = []
        problems: dict[str, list[str]] = {}
        first_of: dict[Path, PlannedCell] = {}
        excluded = 0
        for overrides in kept:
            varied = tuple(text for text in overrides if text not in fixed)
            try:
                composed = self.composer.compose(overrides)
                if _is_excluded(composed, conditions):
                    excluded += 1
                    continue
                cell = self._cell(overrides, varied, composed, first_of)
            except YololabError as error:
                problems.setdefault(str(error), []).append(" ".join(varied) or "(one cell)")
                continue
            first_of.setdefault(cell.folder.path, cell)
            cells.append(cell)
        if problems:
            raise ConfigError(_refusal(problems, len(kept)))
        if not cells:
            raise ConfigError("study.exclude leaves no cell")
        return self._plan(cells, excluded, len(combinations) - len(kept), design)

    def plan_one(self, overrides: Sequence[str]) -> PlannedCell:
        """One cell, as another sweeper asks for it."""
        return self._cell(tuple(overrides), tuple(overrides), self.composer.compose(overrides), {})

    def _plan(self, cells: list[PlannedCell], excluded: int, thinned: int, design: Design) -> Plan:
        images = {mark: (len(train.records), len(val.records)) for train, val, mark in self._data.values()}
        notes = tuple(_changed_defaults(cells))
        return Plan(
            tuple(cells), excluded, thinned, design.aliases, design.resolution, notes, dict(self._detectors), images
        )

    def _cell(
        self,
        overrides: tuple[str, ...],
        varied: tuple[str, ...],
        composed: Composed,
        first_of: Mapping[Path, PlannedCell],
    ) -> PlannedCell:
        content = composed.content
        check_content(content)
        if content["runtime"]["rerun"]:
            raise ConfigError(
                "runtime.rerun=true: in a sweep it would forget finished runs whenever the command is given again; "
                "use yololab rerun STUDY/RUN, another study.name, or remove the folders"
            )
        graph_key, detector = self._detector(content)
        mark = self._check(content, detector)
        identity = identify(content, mark, detector.fingerprint)
        folder = RunFolder(folder_of(content, identity.run_id))
        first = first_of.get(folder.path)
        state: Label = "duplicate" if first else self._state(folder)
        return PlannedCell(overrides, varied, composed, identity, graph_key, state, first)

    def _state(self, folder: RunFolder) -> Label:
        if not folder.path.is_dir():
            return "new"
        return folder.state(running=self.watch.holder(folder.path) is not None)

    def _detector(self, content: Mapping[str, Any]) -> tuple[str, Detector]:
        data = canonical_json(content["data"]) if content["num_classes"] is None else content["num_classes"]
        key = canonical_json([{name: content[name] for name in SHAPING}, content["image_size"], data])
        if key not in self._detectors:
            self._detectors[key] = build_detector(_as_config(content), device="meta")
        return key, self._detectors[key]

    def _check(self, content: Mapping[str, Any], detector: Detector) -> str:
        """Data and parts fit; the data's fingerprint."""
        parts = canonical_json([content["recipe"]["augment"], content["loss"], content["assigner"]])
        if parts not in self._parts:
            check_parts(_as_config(content))
            self._parts.add(parts)
        key = canonical_json([content["data"], content["num_classes"]])
        if key not in self._data:
            train, val = read_data(_as_config(content))
            self._data[key] = (train, val, data_fingerprint(train, val))
        train, val, mark = self._data[key]
        if detector.head.predicts_masks:
            require_masks(train, val)
        return mark


def make_plan(config: DictConfig, arguments: Sequence[str], loader: ConfigLoader) -> Plan:
    """Plan the sweep of a multirun's own configuration and its overrides."""
    study: Any = OmegaConf.to_container(config.study, resolve=True)
    params = config.hydra.sweeper.get("params") or {}
    kept_in_yaml = [f"{key}={value}" for key, value in params.items()]
    zipped = study.get("zip") or []
    if not all(isinstance(group, list) for group in zipped):
        raise ConfigError(f"study.zip={zipped}: expected a list of lists of keys, such as [[head,loss]]")
    axes = read_axes([*kept_in_yaml, *arguments], loader, zipped)
    hydra_overrides = [str(text) for text in config.hydra.overrides.hydra]
    return Planner(Composer(loader, config.hydra.job.config_name, hydra_overrides)).plan(axes, study)


def freeze(plan: Plan) -> None:
    """Write every run's folder that is not done and not running; note in it which other choices it stands for."""
    for cell in plan.cells:
        is_other = _is_another_cell(cell)
        if cell.duplicate_of is None and cell.state not in ("done", "running"):
            frozen = cell.frozen()
            if is_other:  # the run keeps the words under which it was planned first
                frozen = replace(frozen, choices=cell.folder.choices(), overrides=cell.folder.overrides())
            cell.folder.freeze(frozen)
        if is_other:
            cell.folder.add_alias(cell.composed.choices)


def _is_another_cell(cell: PlannedCell) -> bool:
    """Whether its run was planned under other choices: in this plan, or earlier in the study's life."""
    own = cell.folder.choices()
    mine = cell.composed.choices
    return any(own[key] != mine[key] for key in own.keys() & mine.keys() if "/" not in key and key not in HIDDEN)


def _as_config(content: Mapping[str, Any]) -> DictConfig:
    return OmegaConf.create(dict(content))


def _texts(value: Any, key: str) -> list[str]:
    texts = [value] if isinstance(value, str) else list(value or [])
    if not all(isinstance(text, str) for text in texts):
        raise ConfigError(f'{key}={value}: expected a list of conditions, such as ["attention=none and head=detect"]')
    return texts


def _is_excluded(composed: Composed, conditions: Sequence[Condition]) -> bool:
    if not conditions:
        return False
    values = {**_flat(composed.content), **composed.choices}
    return any(condition.holds(values) for condition in conditions)


def _flat(content: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in content.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{name}.")
        else:
            flat[name] = value if isinstance(value, str) else json.dumps(value)
    return flat


def _refusal(problems: Mapping[str, Sequence[str]], total: int) -> str:
    count = sum(len(cells) for cells in problems.values())
    lines = [f"{count} of {total} cells cannot be built, so nothing was started; mend them or leave them out by "
             "study.exclude"] if total > 1 else []  # fmt: skip
    for message, cells in problems.items():
        where = f"{cells[0]}: " if total > 1 else ""
        more = f" (and {len(cells) - 1} more cells)" if len(cells) > 1 else ""
        lines.append(f"{where}{message}{more}")
    return "\n".join(lines)


def _changed_defaults(cells: Sequence[PlannedCell]) -> list[str]:
    """Say where the same words meant another run when an earlier cell was frozen: YAML has been edited since."""
    new = {cell.overrides: cell for cell in cells if cell.state == "new"}
    if not new:
        return []
    changes: Counter[str] = Counter()
    for study in {cell.folder.path.parent for cell in new.values()}:
        for folder in run_folders(study) if study.is_dir() else ():
            cell = new.get(tuple(folder.overrides()))
            if cell is None or cell.folder.path == folder.path:
                continue
            try:
                changes.update(_difference(folder.frozen().config, cell.composed.content))
            except YololabError:
                continue
    return [
        f"{change}, in {count} cells whose words are those of cells run earlier" for change, count in changes.items()
    ]


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    ignored = ("runtime.", "tracker.", "study.", "checkpoint.", "plan")
    old, new = _flat(before), _flat(after)
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key) and not key.startswith(ignored)]
    return [f"{key} was {old.get(key, 'absent')} and is now {new.get(key, 'absent')}" for key in keys] or [
        "the data, the weights file or the code of the graph has changed"
    ]

"""Planning a sweep: every combination composed, checked, identified and labelled before anything runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hydra.core.config_loader import ConfigLoader
from omegaconf import DictConfig, OmegaConf

from yololab.assemble import build_detector, make_parts
from yololab.config.check import check
from yololab.config.combinations import Combinations, Composed
from yololab.config.identity import GRAPH_KEYS, canonical_json, identify
from yololab.config.study_keys import check_study
from yololab.data.source import DataSource
from yololab.data.splits import Splits, read_splits
from yololab.detector import Detector
from yololab.errors import ConfigError, YololabError
from yololab.metrics.names import metric_named
from yololab.run.claim import Watch
from yololab.run.folder import RunFolder
from yololab.run.status import State
from yololab.statistics.sequential import FEWEST
from yololab.sweep.plan.asked import require_baseline
from yololab.sweep.plan.axes import SEED, Axes, Axis, read_axes
from yololab.sweep.plan.changes import changed_defaults
from yololab.sweep.plan.conditions import Condition, parse_conditions
from yololab.sweep.plan.control_runs import controls_of, has_controls, without_duplicates
from yololab.sweep.plan.design import make_design
from yololab.sweep.plan.planned import Plan, PlannedRun, label_of


def make_plan(config: DictConfig, arguments: Sequence[str], loader: ConfigLoader, seeds: int = FEWEST) -> Plan:
    """Plan the sweep of a multirun's own configuration and its overrides; with study.seeds=auto, of so many seeds."""
    study: Any = OmegaConf.to_container(config.study, resolve=True)
    params = config.hydra.sweeper.get("params") or {}
    kept_in_yaml = [f"{key}={value}" for key, value in params.items()]
    check_study(study)
    zipped = study.get("zip") or []
    axes = read_axes([*kept_in_yaml, *arguments], loader, zipped)
    if study.get("seeds") == "auto":
        if any(SEED in axis.keys for axis in axes.axes) or any(text.startswith(f"{SEED}=") for text in axes.fixed):
            raise ConfigError("study.seeds=auto chooses the seeds; leave out seed=...")
        axes = Axes(axes.fixed, (*axes.axes, Axis((SEED,), tuple((f"{SEED}={n}",) for n in range(seeds)))))
    hydra_overrides = [str(text) for text in config.hydra.overrides.hydra]
    return Planner(Combinations(loader, config.hydra.job.config_name, hydra_overrides)).plan(axes, study)


@dataclass
class Planner:
    """Reads data and builds graphs once per distinct choice."""

    combinations: Combinations
    watch: Watch = field(default_factory=Watch)
    _splits: dict[str, tuple[Splits, str]] = field(default_factory=dict)
    _detectors: dict[str, Detector] = field(default_factory=dict)

    def plan(self, axes: Axes, study: Mapping[str, Any]) -> Plan:
        """Plan every combination of `axes`. ConfigError that lists the runs that cannot be built."""
        metric_named((study.get("primary") or {}).get("metric") or "mAP")  # refused now, not after the runs
        conditions, controls = parse_conditions(study.get("exclude")), controls_of(study.get("controls"))
        design = make_design(study.get("design", "full"), axes.axes)
        combinations = axes.combinations()
        kept = [overrides for levels, overrides in combinations if design.keeps(levels)]
        planned, problems = self._plan_all(kept, set(axes.fixed), conditions)
        excluded = len(kept) - len(planned)
        planned, without = self._with_controls(planned, controls, conditions)
        if problems:
            raise ConfigError(_refusal(problems, len(kept)))
        if not planned:
            raise ConfigError("study.exclude leaves no run")
        require_baseline(planned, study.get("baseline"))
        return Plan(
            planned=tuple(planned),
            excluded=excluded,
            thinned=len(combinations) - len(kept),
            confounded=design.confounded,
            resolution=design.resolution,
            notes=(*without, *changed_defaults(planned), *_remarks(planned, self._detectors)),
            detectors=dict(self._detectors),
            images={
                fingerprint: {name: len(data.records) for name, data in splits.by_name.items()}
                for splits, fingerprint in self._splits.values()
            },
        )

    def plan_one(self, overrides: Sequence[str]) -> PlannedRun:
        """One run, as another sweeper asks for it."""
        return self._planned(tuple(overrides), tuple(overrides), self.combinations.compose(overrides), {})

    def _plan_all(
        self, kept: Sequence[tuple[str, ...]], fixed: set[str], conditions: Sequence[Condition]
    ) -> tuple[list[PlannedRun], dict[str, list[str]]]:
        """Those that no condition excludes, and the labels of those that cannot be built, by reason."""
        planned: list[PlannedRun] = []
        problems: dict[str, list[str]] = {}
        first_of: dict[Path, PlannedRun] = {}
        for overrides in kept:
            varied = tuple(text for text in overrides if text not in fixed)
            try:
                composed = self.combinations.compose(overrides)
                if any(condition.holds(composed.settings()) for condition in conditions):
                    continue
                run = self._planned(overrides, varied, composed, first_of)
            except YololabError as error:
                problems.setdefault(str(error), []).append(label_of(varied))
                continue
            first_of.setdefault(run.folder.path, run)
            planned.append(run)
        return planned, problems

    def _with_controls(
        self, planned: Sequence[PlannedRun], controls: Sequence[str], conditions: Sequence[Condition]
    ) -> tuple[list[PlannedRun], list[str]]:
        """Runs, each followed by its controls, and what to say of controls that cannot be built."""
        first_of = {run.folder.path: run for run in reversed(planned)}
        found: list[PlannedRun] = []
        without: dict[str, str] = {}
        for run in planned:
            found.append(run)
            for control in controls if has_controls(run.composed.config) else ():
                overrides = without_duplicates(run.overrides, control)
                varied = (*run.varied, control)
                try:
                    composed = self.combinations.compose(overrides)
                    if any(condition.holds(composed.settings()) for condition in conditions):
                        continue
                    twin = self._planned(overrides, varied, composed, first_of)
                except YololabError as error:
                    without.setdefault(f"no {control} beside {run.composed.choices.get('attention')}: {error}", "")
                    continue
                first_of.setdefault(twin.folder.path, twin)
                found.append(twin)
        return found, list(without)

    def _planned(
        self,
        overrides: tuple[str, ...],
        varied: tuple[str, ...],
        composed: Composed,
        first_of: Mapping[Path, PlannedRun],
    ) -> PlannedRun:
        config = composed.config
        check(config)
        if config["runtime"]["rerun"]:
            raise ConfigError(
                "runtime.rerun=true: in a sweep it would forget finished runs whenever the command is given again; "
                "use yololab rerun STUDY/RUN, another study.name, or remove the folders"
            )
        parts = make_parts(config)
        graph_key, detector = self._detector(config, parts.num_classes)
        fingerprint = self._data_fingerprint(config, parts.source, detector)
        identity = identify(config, fingerprint, detector.fingerprint)
        folder = RunFolder.of(config, identity.run_id)
        first = first_of.get(folder.path)
        state = State.DUPLICATE if first else folder.state_seen_by(self.watch)
        if state is State.PRUNED and not folder.is_done_for(config):
            state = State.INTERRUPTED  # planned without pruning, it goes on to its last epoch
        return PlannedRun(overrides, varied, composed, identity, graph_key, state, first)

    def _detector(self, config: Mapping[str, Any], num_classes: int) -> tuple[str, Detector]:
        key = canonical_json([{name: config.get(name) for name in GRAPH_KEYS}, config["image_size"], num_classes])
        if key not in self._detectors:
            self._detectors[key] = build_detector(config, num_classes, device="meta")
        return key, self._detectors[key]

    def _data_fingerprint(self, config: Mapping[str, Any], source: DataSource, detector: Detector) -> str:
        """Of the data, which must fit the detector."""
        key = canonical_json([config["data"], config["num_classes"]])
        if key not in self._splits:
            splits = read_splits(source, config["num_classes"])
            self._splits[key] = (splits, splits.fingerprint)
        splits, fingerprint = self._splits[key]
        if detector.head.predicts_masks:
            splits.require_masks()
        return fingerprint


def _remarks(planned: Sequence[PlannedRun], detectors: Mapping[str, Detector]) -> list[str]:
    """What is to be known of graphs, each with the first run that has it."""
    first = {run.graph_key: run for run in reversed(planned)}
    return [f"{run.label}: {remark}" for key, run in first.items() for remark in detectors[key].graph.remarks]


def _refusal(problems: Mapping[str, Sequence[str]], total: int) -> str:
    count = sum(len(labels) for labels in problems.values())
    lines = [f"{count} of {total} runs cannot be built, so nothing was started; mend them or leave them out by "
             "study.exclude"] if total > 1 else []  # fmt: skip
    for message, labels in problems.items():
        where = f"{labels[0]}: " if total > 1 else ""
        more = f" (and {len(labels) - 1} more runs)" if len(labels) > 1 else ""
        lines.append(f"{where}{message}{more}")
    return "\n".join(lines)

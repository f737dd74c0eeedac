"""What a study's page shows, read from its records and from the statistics of its table; nothing is computed anew."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from yololab.errors import YololabError
from yololab.metrics.names import CLASS
from yololab.report.breakdown import Breakdown
from yololab.report.forest import Effect
from yololab.report.pareto import Point
from yololab.report.training_curves import Curve
from yololab.run.diagnosis import KINDS, Diagnosis, read_diagnosis
from yololab.run.record import RunRecord
from yololab.study.columns import Result, heading_of, p_words
from yololab.study.effects import Effects, effects_of
from yololab.study.judgement import seeds_share, summarise
from yololab.study.output import table_of
from yololab.study.planning import Spread, spread_of
from yololab.study.records import read_study
from yololab.study.row_names import RowNames
from yololab.study.table import Question, StudyTable

SIZES = {"mAP_small": "small", "mAP_medium": "medium", "mAP_large": "large"}
COSTS = {"params_train": "parameters", "gflops_train": "GFLOPs, training form"}


@dataclass(frozen=True)
class Contents:
    """A study, ready to be drawn."""

    name: str
    table: StudyTable
    study: Path | None = None
    """Its folder, where its runs' files are"""

    @property
    def metric(self) -> str:
        """The metric that is compared, as tables call it."""
        return heading_of(self.table.compared)

    def name_of(self, result: Result) -> str:
        """A row by its choices, as few of them as tell all rows apart."""
        return self._names.of(result)

    def link_of(self, result: Result) -> str:
        """To the runs of a row, on its study's page; a row against its control leads to those of the row."""
        places = [place for place, one in enumerate(self.table.results) if one.row.run_ids == result.row.run_ids]
        return f"#row-{places[0]}" if places else ""

    def page_of(self, run_id: str) -> str:
        """Where a run's page is, from the study's folder; its folder where it has none."""
        page = f"{run_id}/report.html"
        return page if self.study is not None and (self.study / page).is_file() else f"{run_id}/"

    @cached_property
    def _names(self) -> RowNames:
        return RowNames(self.table)

    @property
    def records(self) -> list[RunRecord]:
        """Every run once, by row and seed."""
        found = {r.run_id: r for result in self.table.results for _, r in sorted(result.row.records.items())}
        return list(found.values())

    def judged(self) -> list[Result]:
        """Rows and controls that were compared with something, in the table's order."""
        every = [*self.table.results, *self.table.controls]
        return [result for result in every if result.difference is not None]

    def effects(self) -> list[Effect]:
        """Differences for the forest plot."""
        found = []
        for result in self.judged():
            assert result.difference is not None
            one = result.difference.estimate
            verdict = result.difference.decision.sentence.partition(":")[0]
            share = seeds_share(result.difference)
            link = self.link_of(result)
            found.append(Effect(self.name_of(result), one.difference, one.low, one.high, verdict, share, link))
        return found

    def points(self, cost: str) -> list[Point]:
        """Rows beside one of COSTS."""
        found = []
        for result in self.table.results:
            summary = result.summaries[self.table.compared]
            value = result.row.first.complexity.get(cost, math.nan)
            link = self.link_of(result)
            found.append(Point(self.name_of(result), float(value), summary.mean, summary.std, link))
        return found

    def curves(self) -> list[Curve]:
        """Validation curves of the compared metric, in percent; none for a class's."""
        key = f"val/{self.table.compared}"
        return [
            Curve(self.name_of(result), [record.by_epoch(key) for record in result.row.records.values()])
            for result in self.table.results
        ]

    def classes(self) -> Breakdown:
        """Mean AP of every class in percent, by row."""
        names = dict.fromkeys(name for record in self.records for name in record.classes or record.per_class)
        return self._breakdown({name: f"{CLASS}{name}" for name in names})

    def sizes(self) -> Breakdown:
        """Mean AP of COCO's three sizes of objects in percent, by row."""
        return self._breakdown({name: metric for metric, name in SIZES.items()})

    def _breakdown(self, metrics: Mapping[str, str]) -> Breakdown:
        rows = {}
        for result in self.table.results:
            means = [summarise(list(result.row.values(metric).values())).mean for metric in metrics.values()]
            rows[self.name_of(result)] = means
        return Breakdown(tuple(metrics), rows)

    def errors(self) -> Breakdown:
        """Percent points of AP50 that each kind of error costs, mean over runs, by row."""
        rows = {}
        for result in self.table.results:
            own = [self.diagnoses[run] for run in sorted(result.row.run_ids) if run in self.diagnoses]
            rows[self.name_of(result)] = [summarise([one.costs[kind] for one in own]).mean for kind in KINDS]
        return Breakdown(KINDS, rows)

    def confusions(self) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
        """Classes and the summed counts of a row's runs, by row; none for rows whose runs kept none."""
        found = {}
        for result in self.table.results:
            own = [self.diagnoses[run] for run in sorted(result.row.run_ids) if run in self.diagnoses]
            if own and all(one.classes == own[0].classes for one in own):
                counts = np.sum([one.confusion for one in own], axis=0)
                found[self.name_of(result)] = (own[0].classes, counts)
        return found

    @property
    def warnings(self) -> list[str]:
        """What a reader must know about the table, and which files of runs cannot be read."""
        return [*self.table.warnings, *self._diagnoses_and_damage[1]]

    @property
    def diagnoses(self) -> Mapping[str, Diagnosis]:
        """By run; damaged ones are left out, and named among the warnings."""
        return self._diagnoses_and_damage[0]

    @cached_property
    def _diagnoses_and_damage(self) -> tuple[dict[str, Diagnosis], list[str]]:
        found: dict[str, Diagnosis] = {}
        damage: list[str] = []
        for record in self.records if self.study is not None else []:
            assert self.study is not None
            try:
                one = read_diagnosis(self.study / record.run_id)
            except YololabError as error:
                damage.append(str(error))
                continue
            if one is not None:
                found[record.run_id] = one
        return found, damage

    @cached_property
    def factorial(self) -> Effects | None:
        """Main effects and interactions; None where fewer than two factors are crossed."""
        try:
            return effects_of(read_study(self.study).records) if self.study is not None else None
        except YololabError:
            return None

    def factor_effects(self) -> list[Effect]:
        """Of the factorial, for a forest plot."""
        found = []
        for effect in self.factorial.factorial.effects if self.factorial else []:
            one = effect.estimate
            found.append(Effect(one.name, one.difference, one.low, one.high, p_words(one.p_value)))
        return found

    @cached_property
    def spread(self) -> Spread | None:
        """Of one run between seeds."""
        return spread_of([self.study]) if self.study is not None else None

    def tally(self) -> Mapping[str, int]:
        """How often each verdict fell."""
        return dict(Counter(one.verdict for one in self.effects()).most_common())

    def surroundings(self) -> Mapping[str, Sequence[str]]:
        """What the numbers came from: every value that any run has, by what it is."""
        facts: dict[str, list[str]] = {}
        for record in self.records:
            for name, value in _facts(record).items():
                if value not in facts.setdefault(name, []):
                    facts[name].append(value)
        return facts


def read_contents(study: Path, asked: Question | None = None) -> Contents:
    """Of a study's folder. YololabError where no run is finished."""
    table = table_of(study, asked)
    if table is None:
        raise YololabError(f"{study}: no finished run yet")
    return Contents(study.name, table, study)


def _facts(record: RunRecord) -> dict[str, str]:
    machine, git = record.machine, record.git
    processor = f"{machine.get('processor', '?')}, {machine.get('threads', '?')} threads"
    commit = str(git.get("commit") or "not from a checkout")[:12]
    return {
        "trained on": processor if machine.get("device", "cpu") == "cpu" else f"{machine['device']}; {processor}",
        "commit": commit + (" with uncommitted changes" if git.get("dirty") else ""),
        "torch": str(record.libraries.get("torch", "?")),
        "lightning": str(record.libraries.get("lightning", "?")),
        "data": record.data_fingerprint[:12],
        "judged on": "test split" if record.final == "test" else "validation split",
    }

"""Study: what Python's users hold of a folder of runs, its records, its table, its comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yololab.errors import ConfigError, YololabError
from yololab.metrics.names import metric_named
from yololab.run.find import find_study
from yololab.run.record import RunRecord
from yololab.study.baseline import places_of
from yololab.study.formats import to_markdown
from yololab.study.judgement import Difference
from yololab.study.output import table_of
from yololab.study.parquet import to_rows
from yololab.study.records import records_and_damage
from yololab.study.table import Question, StudyTable


@dataclass(frozen=True)
class TableView:
    """The ablation table of a study; printed, it is Markdown."""

    table: StudyTable

    def __str__(self) -> str:
        return to_markdown(self.table.sheet())

    @property
    def rows(self) -> list[dict[str, Any]]:
        """A dictionary per row, in the units of the table and full precision."""
        return [dict(line.values) for line in self.table.sheet().lines]

    @property
    def notes(self) -> list[str]:
        """How the numbers came about, and what a reader must know."""
        return [*self.table.notes, *self.table.warnings]

    def to_pandas(self) -> Any:
        """The rows as a pandas.DataFrame. ImportError where pandas is not installed."""
        import pandas

        return pandas.DataFrame(self.rows)


class Study:
    """A study by its path, or by its name under runs/.

    Examples:
        >>> import yololab
        >>> study = yololab.Study(STUDY)
        >>> len(study.runs), sorted(record.seed for record in study.runs)
        (2, [0, 1])
        >>> print(study.table().rows[0]["seeds"])
        0 1
    """

    def __init__(self, place: str | Path) -> None:
        self.folder = find_study(str(place))

    def __repr__(self) -> str:
        return f"Study({str(self.folder)!r}, {len(records_and_damage(self.folder)[0])} runs)"

    @property
    def runs(self) -> list[RunRecord]:
        """Records of all finished runs, by id. YololabError where one cannot be read."""
        records, damaged = records_and_damage(self.folder)
        if damaged:
            raise YololabError(damaged[0])
        return records

    def table(
        self,
        *,
        baseline: Mapping[str, str] | None = None,
        smallest_effect: float | None = None,
        metrics: tuple[str, ...] = (),
        compare: str = "mAP",
    ) -> TableView:
        """The ablation table, as `yololab table` prints it; the options are the command's.

        YololabError where no run is finished; ConfigError for a metric or a baseline that is not there.
        """
        chosen = tuple(metric_named(name) for name in ([metrics] if isinstance(metrics, str) else metrics))
        question = Question(baseline, smallest_effect, metrics=chosen, compare=metric_named(compare))
        found = table_of(self.folder, question)
        if found is None:
            raise YololabError(f"{self.folder}: no finished run yet")
        return TableView(found)

    def compare(self, first: Mapping[str, str], second: Mapping[str, str], metric: str = "mAP") -> Difference:
        """`second` minus `first`, two rows named by their choices ({"attention": "none"}), in percent points: estimate,
        simultaneous interval over seeds and images, p and verdict. ConfigError where a row is not there or not alone.
        """
        for name, row in (("first", first), ("second", second)):
            if not isinstance(row, Mapping) or not row:
                raise ConfigError(f"compare: {name}={row!r}: expected the choices of a row, as {{'attention': 'cbam'}}")
        table = self.table(baseline=first, compare=metric).table
        rows = [result.row for result in table.results]
        places = places_of(rows, second)
        if places == [0]:
            raise ConfigError(f"{rows[0].label}: both are this row; expected another one")
        if len(places) != 1:
            named = ", ".join(f"{key}={value}" for key, value in second.items())
            there = "; ".join(row.label for row in rows)
            raise ConfigError(f"{named}: {len(places)} rows are that; expected one of: {there}")
        found = table.results[places[0]].difference
        if found is None:
            raise ConfigError(f"{rows[places[0]].label}: not comparable with the first row")
        return found

    def to_pandas(self) -> Any:
        """A row per run as a pandas.DataFrame, every field of its record. ImportError where pandas is not installed."""
        import pandas

        return pandas.DataFrame(to_rows(self.runs))

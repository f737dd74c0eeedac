"""Other layouts of a study's table: factors against factors, and the table that tutorials print."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import fmean

from yololab.errors import ConfigError, did_you_mean
from yololab.run.record import RunRecord
from yololab.study.columns import Result, heading_of, mean_text
from yololab.study.rows import PLAIN
from yololab.study.sheet import Line, Sheet
from yololab.study.table import StudyTable

PRESETS = ("tutorial",)
TICK, CROSS = "✓", "×"
TUTORIAL: Sequence[tuple[str, Callable[[RunRecord], float], str]] = (
    ("P", lambda record: 100 * record.metrics.get("precision", math.nan), ".1f"),
    ("R", lambda record: 100 * record.metrics.get("recall", math.nan), ".1f"),
    ("mAP50", lambda record: 100 * record.metrics["mAP50"], ".1f"),
    ("mAP50-95", lambda record: 100 * record.metrics["mAP"], ".1f"),
    ("Params (M)", lambda record: record.complexity["params_deploy"] / 1e6, ".2f"),
    ("GFLOPs", lambda record: record.complexity.get("gflops_printed", math.nan), ".1f"),
)
"""What the community's ablation tables print, with the form and the counter that they print it of."""


def crossed(table: StudyTable, rows: Sequence[str], cols: Sequence[str], metrics: Sequence[str]) -> Sheet:
    """Mean ± standard deviation with a line per combination of `rows` and a column per combination of `cols`.

    ConfigError where a name is no factor of the table, stands on both sides, or the two do not tell all rows apart.
    """
    _check_factors(table, rows, cols)
    cells: dict[tuple[tuple[str, ...], tuple[str, ...]], Result] = {}
    for result in table.results:
        place = (_levels(result, rows), _levels(result, cols))
        if place in cells:
            missing = [name for name in table.factors if name not in (*rows, *cols)]
            raise ConfigError(
                f"{result.row.label} and {cells[place].row.label} share a cell; --rows or --cols lack one of "
                f"{', '.join(missing)}"
            )
        cells[place] = result
    across = list(dict.fromkeys(place[1] for place in cells))
    headings = [" ".join([*level, *([heading_of(m)] if len(metrics) > 1 or not level else [])])
                for level in across for m in metrics]  # fmt: skip
    lines = []
    for own in dict.fromkeys(place[0] for place in cells):
        found = [(cells.get((own, level)), metric, level) for level in across for metric in metrics]
        texts = [*own, *(_mean_text(result, metric) for result, metric, _ in found)]
        bold = frozenset(
            len(own) + i
            for i, (result, metric, _) in enumerate(found)
            if result is not None and result.best and metric == table.compared
        )
        values = dict(zip(rows, own, strict=True)) | {
            " ".join([*level, metric]): result.summaries[metric].mean for result, metric, level in found if result
        }
        ids = [record.run_id for result, *_ in found if result for record in result.row.records.values()]
        label = ", ".join(f"{name}={value}" for name, value in zip(rows, own, strict=True)) or "all"
        lines.append(Line(tuple(texts), values, bold, label, tuple(dict.fromkeys(ids))))
    what = ", ".join(heading_of(metric) for metric in metrics)
    shown = f"{what} by {', '.join(rows) or 'nothing'} (down) and {', '.join(cols) or 'nothing'} (across)."
    numbers = (*(False for _ in rows), *(True for _ in headings))
    return Sheet((*rows, *headings), numbers, tuple(lines), (shown, *table.notes), tuple(table.warnings))


def tutorial(table: StudyTable) -> Sheet:
    """Check marks for what is added, then P, R, mAP50, mAP50-95, Params and GFLOPs, as tutorials print them."""
    marks = [(name, value) for name in table.factors for value in _added(table, name)]
    headings = [value if _is_plain_factor(table, name) else f"{name}={value}" for name, value in marks]
    means_of = [_means(result) for result in table.results]
    best = {i: max((m[i] for m in means_of if not math.isnan(m[i])), default=math.nan) for i in range(4)}
    lines = []
    for result, means in zip(table.results, means_of, strict=True):
        ticks = [TICK if result.row.choices.get(name) == value else CROSS for name, value in marks]
        texts = [
            format(mean, form) if not math.isnan(mean) else ""
            for mean, (_, _, form) in zip(means, TUTORIAL, strict=True)
        ]
        bold = frozenset(len(marks) + i for i in best if means[i] == best[i] and len(table.results) > 1)
        values = {**result.row.choices, **{name: mean for mean, (name, _, _) in zip(means, TUTORIAL, strict=True)}}
        ids = tuple(record.run_id for record in result.row.records.values())
        lines.append(Line((*ticks, *texts), values | {"runs": " ".join(ids)}, bold, result.row.label, ids))
    seeds = max((len(result.row.records) for result in table.results), default=0)
    notes = (
        f"Means of {seeds} seed{'s' * (seeds > 1)}; P and R at the confidence of the best mean F1, IoU 0.5. Params of "
        "the deploy form, GFLOPs as the references print them (thop, 640 pixels). This layout shows no spread: "
        "differences and their intervals stand in `yololab table`.",
    )
    numbers = (*(False for _ in marks), *(True for _ in TUTORIAL))
    return Sheet((*headings, *(name for name, _, _ in TUTORIAL)), numbers, tuple(lines), notes, tuple(table.warnings))


def _means(result: Result) -> list[float]:
    records = list(result.row.records.values())
    return [fmean(map(read, records)) if records else math.nan for _, read, _ in TUTORIAL]


def _added(table: StudyTable, name: str) -> list[str]:
    """Values of a factor that get a column of check marks: all but the plain one, or but the baseline's."""
    values = list(dict.fromkeys(result.row.choices.get(name, "") for result in table.results))
    plain = next((value for value in values if value in PLAIN), table.results[0].row.choices.get(name, ""))
    return [value for value in values if value != plain]


def _is_plain_factor(table: StudyTable, name: str) -> bool:
    """Whether a factor's values say by themselves what they are: attention=cbam is "cbam"."""
    return any(result.row.choices.get(name) in PLAIN for result in table.results)


def _mean_text(result: Result | None, metric: str) -> str:
    return "" if result is None else mean_text(result.summaries[metric])


def _levels(result: Result, names: Sequence[str]) -> tuple[str, ...]:
    choices: Mapping[str, str] = result.row.choices
    return tuple(choices.get(name, "") for name in names)


def _check_factors(table: StudyTable, rows: Sequence[str], cols: Sequence[str]) -> None:
    for name in (*rows, *cols):
        if name not in table.factors:
            known = ", ".join(table.factors) or "none"
            raise ConfigError(
                f"{name}: no factor of this table{did_you_mean(name, table.factors)}; factors are {known}"
            )
    both = set(rows) & set(cols)
    if both:
        raise ConfigError(f"{', '.join(sorted(both))} stands in --rows and in --cols")

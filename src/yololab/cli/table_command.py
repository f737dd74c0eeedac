"""`yololab table`: the ablation table of a study."""

from __future__ import annotations

import argparse

from yololab.errors import ConfigError, YololabError, did_you_mean
from yololab.metrics.names import metric_named
from yololab.run.find import find_study
from yololab.study.columns import COSTS, USUAL_COSTS
from yololab.study.formats import to_csv, to_json, to_markdown
from yololab.study.layouts import crossed, tutorial
from yololab.study.output import print_sheet, print_study, table_of, wide_console
from yololab.study.publish import to_html, to_latex
from yololab.study.sheet import Sheet
from yololab.study.table import Question, StudyTable

WRITERS = {"md": to_markdown, "csv": to_csv, "json": to_json, "latex": to_latex, "html": to_html}


def run(options: argparse.Namespace) -> None:
    """Print the table in a format and a layout, or for the terminal."""
    study = find_study(options.study)
    metrics, costs = _shown(_split(options.metrics))
    compared = metric_named(options.compare) if options.compare else ""
    baseline = choices_of("--baseline", options.baseline) if options.baseline is not None else None
    asked = Question(baseline, options.smallest_effect, options.strict, metrics, compared, costs or USUAL_COSTS)
    usual = not (options.preset or options.rows or options.cols or options.metrics or options.compare)
    if options.format is None and usual:
        print_study(study, asked=asked)
        return
    table = table_of(study, asked)
    if table is None:
        raise YololabError(f"{study}: no finished run yet")
    sheet = _laid_out(table, options, metrics)
    if options.format is None:
        print_sheet(sheet, f"Study {study.name}", wide_console())
        return
    print(WRITERS[options.format](sheet), end="")


def _laid_out(table: StudyTable, options: argparse.Namespace, metrics: tuple[str, ...]) -> Sheet:
    rows, cols = _split(options.rows), _split(options.cols)
    if options.preset and (rows or cols):
        raise ConfigError(f"--preset {options.preset} has its own columns; leave out --rows and --cols")
    if options.preset:
        return tutorial(table)
    if rows or cols:
        rest = [name for name in table.factors if name not in (*rows, *cols)]
        return crossed(table, rows or rest, cols or rest, metrics or (table.compared,))
    return table.sheet()


def _shown(names: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Metrics and costs among the names of --metrics. ConfigError for what is neither."""
    names = [{"latency": "latency_ms", "latency_onnx": "latency_onnx_ms"}.get(name, name) for name in names]
    costs = tuple(name for name in names if name in COSTS)
    near = [name for name in names if name.startswith(("params", "gflops")) and name not in COSTS]
    if near:
        raise ConfigError(f"--metrics {near[0]}: expected one of {', '.join(COSTS)}{did_you_mean(near[0], COSTS)}")
    return tuple(metric_named(name) for name in names if name not in COSTS), costs


def _split(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def choices_of(flag: str, words: str) -> dict[str, str]:
    """A row by its choices, as "attention=none,head=detect" names it. ConfigError where it does not."""
    pairs = [part.partition("=") for part in words.split(",")]
    if not all(sign and key and value for key, sign, value in pairs):
        raise ConfigError(f"{flag} {words}: expected choices such as attention=none,head=detect")
    return {key.strip(): value.strip() for key, _, value in pairs}

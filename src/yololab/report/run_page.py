"""The page of a run, from its folder."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from yololab.metrics.names import PERCENT, percent_text
from yololab.pages.shell import to_page as shell
from yololab.report.breakdown import Breakdown, breakdown
from yololab.report.confusion import confusion
from yololab.report.run_contents import RunContents
from yololab.report.study_page import ERRORS, STYLE
from yololab.report.training_curves import Curve, by_epoch
from yololab.run.diagnosis import IOU, KINDS, SCORE
from yololab.run.folder import CONFIG_FILE
from yololab.run.record import RunRecord
from yololab.study.compare import environment
from yololab.study.publish import html_text

SCORES = ("val/mAP", "val/mAP50")
CLASS_SCORES = ("AP", "AP50", "AP75", "AR100")
MOST_BYTES = 4_000_000
"""Of a picture"""


def to_page(contents: RunContents) -> str:
    """The whole file; it needs nothing beside itself."""
    sections: Sequence[Callable[[RunContents], str]] = (
        _head, _warnings, _training, _scores, _pictures, _settings, _surroundings, _texts,
    )  # fmt: skip
    body = "".join(section(contents) for section in sections)
    return shell(contents.folder.name, "run", body, STYLE.read_text(encoding="utf-8"))


def _head(contents: RunContents) -> str:
    record, folder = contents.record, contents.folder
    overrides = " ".join(record.overrides if record else folder.overrides()) or "no overrides"
    tiles: list[tuple[str, str]] = [(str(contents.state), "state")]
    if record is not None:
        split = "test" if record.final == "test" else "validation"
        counts = record.complexity
        tiles = [
            (percent_text(record.metrics["mAP"]), f"mAP, {split}"),
            (percent_text(record.metrics["mAP50"]), f"mAP50, {split}"),
            (f"{counts.get('params_train', 0):,}", "parameters"),
            (f"{counts.get('gflops_train', 0):.3g}", "GFLOPs"),
            (f"{record.durations.get('total', 0):,.0f} s", str(contents.state)),
        ]
    shown = "".join(f"<div class=tile><b>{html_text(a)}</b><span>{html_text(b)}</span></div>" for a, b in tiles)
    seed = f", seed {record.seed}" if record else ""
    study = html_text(folder.path.absolute().parent.name)
    return (
        f"<header><p class=eyebrow>run of {study}{seed}</p><h1>{html_text(folder.name)}</h1>"
        f"<p class=question><code>{html_text(overrides)}</code></p><div class=tiles>{shown}</div></header>"
    )


def _warnings(contents: RunContents) -> str:
    found = list(contents.damage)
    if contents.record is None:
        status = contents.folder.status()
        reason = f": {status.reason}" if status is not None and status.reason else ""
        found.append(f"no result yet; the run is {contents.state}{reason}")
    else:
        record = contents.record
        found += record.remarks
        for split, problems in record.data_problems.items():
            found += [f"data, {split} split: {count} x {problem}" for problem, count in problems.items()]
        found += [f"pruned after {record.pruned.get('epochs', '?')} epochs"] if record.pruned else []
        found += [f"interrupted and resumed: {record.attempts} attempts"] if record.attempts > 1 else []
    items = "".join(f"<li>{html_text(text)}</li>" for text in found)
    return f"<section class=warn><h2>To be known first</h2><ul>{items}</ul></section>" if found else ""


def _training(contents: RunContents) -> str:
    scores = {key: values for key, values in contents.series("val/").items() if key in SCORES}
    losses = contents.series("train/")
    drawn = [
        by_epoch(_curves(scores), "percent", "Validation by epoch"),
        by_epoch(_curves(losses), "loss", "Training losses by epoch"),
        by_epoch(_curves(contents.series("lr")), "learning rate", "Learning rate by epoch"),
    ]
    return f"<section><h2>Training</h2>{''.join(drawn)}</section>" if any(drawn) else ""


def _curves(series: Mapping[str, Mapping[int, float]]) -> list[Curve]:
    return [Curve(key.partition("/")[2] or key, [values]) for key, values in series.items()]


def _scores(contents: RunContents) -> str:
    record, diagnosis = contents.record, contents.diagnosis
    if record is None:
        return ""
    rows = {
        name: [PERCENT * scores.get(key, float("nan")) for key in CLASS_SCORES]
        for name, scores in record.per_class.items()
    }
    parts = [_plain_table("class", CLASS_SCORES, rows)] if rows else []
    if diagnosis is not None:
        costs = Breakdown(KINDS, {"this run": [PERCENT * diagnosis.costs[kind] for kind in KINDS]})
        parts.append(breakdown(costs, "Kinds of error", ERRORS, "AP50 by kind of error"))
        caption = f"Labels by row, predictions by column, at IoU {IOU}, score above {SCORE}; shades are shares of a row"
        parts.append(confusion(diagnosis.confusion, diagnosis.classes, caption))
    parts.append(_image(contents.folder.path / "precision_recall.png", "Precision over recall by class at IoU 0.5"))
    return f"<section><h2>Scores</h2>{''.join(parts)}</section>"


def _plain_table(first: str, headings: Sequence[str], rows: Mapping[str, Sequence[float]]) -> str:
    heads = "".join(f"<th scope=col class=n>{html_text(name)}</th>" for name in headings)
    lines = "".join(
        f"<tr><th scope=row>{html_text(name)}</th>"
        + "".join(f"<td class=n>{f'{value:.1f}' if value == value else '–'}</td>" for value in values)
        + "</tr>"
        for name, values in rows.items()
    )
    return (
        f'<div class=scroll tabindex=0 role=region aria-label="by {first}"><table><thead><tr>'
        f"<th scope=col>{first}</th>{heads}</tr></thead><tbody>{lines}</tbody></table></div>"
    )


def _image(path: Path, told: str, kind: str = "plate") -> str:
    """A picture within the page; nothing where there is none, or one that no page should carry."""
    try:
        if path.stat().st_size > MOST_BYTES:
            return ""
        data = base64.b64encode(path.read_bytes()).decode()
    except OSError:
        return ""
    form = "png" if path.suffix == ".png" else "jpeg"
    words = html_text(told)
    return (
        f'<figure class="{kind}"><img alt="{words}" decoding=async src="data:image/{form};base64,{data}">'
        f"<figcaption>{words}</figcaption></figure>"
    )


def _pictures(contents: RunContents) -> str:
    drawn = "".join(_image(path, path.stem, "shot") for path in contents.pictures())
    if not drawn:
        return ""
    return f"<section><h2>Labels and predictions</h2><div class=shots>{drawn}</div></section>"


def _settings(contents: RunContents) -> str:
    changes = contents.changes()
    rows = "".join(
        f"<tr><th scope=row><code>{html_text(one.key)}</code></th><td>{html_text(_short(one.first))}</td>"
        f"<td>{html_text(_short(one.second))}</td></tr>"
        for one in changes
    )
    told = (
        f"<table><thead><tr><th scope=col>setting</th><th scope=col>baseline</th><th scope=col>this run</th></tr>"
        f"</thead><tbody>{rows}</tbody></table>"
        if rows
        else "<p class=quiet>A run of the study's baseline, or of a study without one.</p>"
    )
    whole = contents.text(contents.folder.path / CONFIG_FILE)
    every = _details("Whole configuration", CONFIG_FILE, whole)
    return f"<section><h2>Settings that differ from the baseline's</h2>{told}{every}</section>"


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _surroundings(contents: RunContents) -> str:
    if contents.record is None:
        return ""
    record: RunRecord = contents.record
    facts = {**environment(record), "peak memory, MB": f"{record.peak_memory.get('process', 0) / 1e6:,.0f}"}
    rows = "".join(
        f"<tr><th scope=row>{html_text(name)}</th><td>{html_text(_short(value))}</td></tr>"
        for name, value in facts.items()
    )
    table = (
        f"<div class=scroll tabindex=0 role=region aria-label=surroundings><table><tbody>{rows}</tbody></table></div>"
    )
    return f"<section><h2>What it rests on</h2>{table}</section>"


def _texts(contents: RunContents) -> str:
    folder = contents.folder
    found = _details("Traceback", folder.traceback_file.name, contents.text(folder.traceback_file))
    found += _details("Log", folder.log_file.name, contents.text(folder.log_file))
    return f"<section><h2>What it said</h2>{found}</section>" if found else ""


def _details(title: str, name: str, words: str) -> str:
    if not words:
        return ""
    return (
        f"<details><summary><b>{title}</b> <small>{html_text(name)}</small></summary>"
        f"<pre tabindex=0><code>{html_text(words)}</code></pre></details>"
    )

"""The page of a study, from its contents."""

from __future__ import annotations

import math
from pathlib import Path

from yololab.drawing.graph_picture import STYLE as NETWORK_STYLE
from yololab.pages.shell import to_page as shell
from yololab.report.breakdown import breakdown
from yololab.report.confusion import confusion
from yololab.report.contents import COSTS, Contents
from yololab.report.forest import forest
from yololab.report.pareto import pareto
from yololab.report.power_curve import power_curve
from yololab.report.training_curves import curves
from yololab.run.diagnosis import IOU, SCORE
from yololab.statistics.decisions import Word
from yololab.study.columns import Result
from yololab.study.judgement import percents
from yololab.study.planning import CHANCE, power_line
from yololab.study.publish import html_text

STYLE = Path(__file__).with_name("study_page.css")
SCRIPT = Path(__file__).with_name("study_page.js")
MOST_MATRICES, MOST_EFFECTS, MOST_ANSWERS = 4, 60, 12
AREAS = "Small is below 32 x 32 pixels, large from 96 x 96."
ERRORS = (
    "Percent points of AP50 that would be won were a kind of error mended (TIDE): Cls a wrong class, Loc a wrong "
    "place, Both, Dupe a second detection of one object, Bkg a detection of nothing, Miss an object not found."
)


def to_page(contents: Contents, images: str = "", drawn: str = "") -> str:
    """The whole file; it needs nothing beside itself, and without its script only sorting and filtering are missing.

    `images` and `drawn` are the sections of yololab.report.images_section and networks, which bring torch.
    """
    body = [
        _head(contents),
        _answers(contents),
        _warnings(contents),
        _table(contents),
        _figures(contents),
        _factors(contents),
        _breakdowns(contents),
        images,
        _power(contents),
        drawn,
        _runs(contents),
        _surroundings(contents),
    ]
    style, script = (file.read_text(encoding="utf-8") for file in (STYLE, SCRIPT))
    return shell(contents.name, "study", "".join(body), style + NETWORK_STYLE, script)


def _head(contents: Contents) -> str:
    rows, runs = len(contents.table.results), len(contents.records)
    baseline = contents.name_of(contents.table.results[0])
    smallest = contents.table.question.smallest_effect
    matters = f", where {smallest:g} points matter" if smallest else ""
    asked = f"Which rows change {contents.metric} against <b>{html_text(baseline)}</b>{matters}?"
    tiles = [(rows, "rows"), (runs, "runs"), *((count, word) for word, count in contents.tally().items())]
    shown = "".join(f"<div class=tile><b>{count:,}</b><span>{html_text(word)}</span></div>" for count, word in tiles)
    return (
        f"<header><p class=eyebrow>study</p><h1>{html_text(contents.name)}</h1>"
        f"<p class=question>{asked}</p><div class=tiles>{shown}</div></header>"
    )


def _answers(contents: Contents) -> str:
    judged = contents.judged()
    if not judged:
        return "<section><h2>Answers</h2><p>One row: there is nothing to compare.</p></section>"
    items = [
        f"<li><b>{html_text(contents.name_of(result))}</b> {html_text(str(result.difference))}</li>"
        for result in sorted(judged, key=_is_open)
    ]
    shown, rest = items[:MOST_ANSWERS], items[MOST_ANSWERS:]
    more = (
        f"<details><summary>{len(rest)} more</summary><ul class=answers>{''.join(rest)}</ul></details>" if rest else ""
    )
    return f"<section><h2>Answers</h2><ul class=answers>{''.join(shown)}</ul>{more}</section>"


def _is_open(result: Result) -> bool:
    """What cannot be told yet stands behind what can."""
    assert result.difference is not None
    return result.difference.decision.word is Word.UNKNOWN


def _warnings(contents: Contents) -> str:
    found = "".join(f"<li>{html_text(text)}</li>" for text in contents.warnings)
    return f"<section class=warn><h2>To be known first</h2><ul>{found}</ul></section>" if found else ""


def _table(contents: Contents) -> str:
    sheet = contents.table.sheet()
    heads = "".join(
        f"<th scope=col{' class=n' if is_number else ''}><button type=button>{html_text(heading)}</button></th>"
        for heading, is_number in zip(sheet.headings, sheet.numbers, strict=True)
    )
    rows = []
    for line in sheet.lines:
        fields = []
        for place, (words, is_number) in enumerate(zip(line.texts, sheet.numbers, strict=True)):
            shown = f"<b>{html_text(words)}</b>" if place in line.bold else html_text(words)
            fields.append(f"<td{' class=n' if is_number else ''}>{shown}</td>")
        rows.append(f"<tr>{''.join(fields)}</tr>")
    notes = "".join(f"<li>{html_text(note)}</li>" for note in sheet.notes)
    find = (
        '<label class=find>Filter <input type=search placeholder="cbam better" aria-label="rows that hold these words">'
        "</label>"
    )
    return (
        f"<section id=results><h2>Table</h2>{find}<div class=scroll tabindex=0 role=region aria-label=Table>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        f"<ul class=quiet>{notes}</ul></section>"
    )


def _figures(contents: Contents) -> str:
    parts = []
    effects = contents.effects()
    if effects:
        drawn = forest(effects, contents.table.question.smallest_effect, contents.metric)
        parts.append(f"<section><h2>Differences</h2>{drawn}</section>")
    if len(contents.table.results) > 1:
        drawn = "".join(pareto(contents.points(cost), label, contents.metric) for cost, label in COSTS.items())
        parts.append(f"<section><h2>Accuracy and cost</h2><div class=pair>{drawn}</div></section>")
    drawn = curves(contents.curves(), contents.metric)
    if drawn:
        parts.append(f"<section><h2>Training</h2>{drawn}</section>")
    return "".join(parts)


def _breakdowns(contents: Contents) -> str:
    told = "Mean AP in percent; below, the difference to the baseline, untested."
    parts = []
    classes = contents.classes()
    if len(classes.parts) > 1:
        parts.append(breakdown(classes, "Classes", told, "AP by class"))
    parts.append(breakdown(contents.sizes(), "Sizes", f"{told} {AREAS}", "AP by size of object"))
    parts.append(breakdown(contents.errors(), "Kinds of error", ERRORS, "AP50 by kind of error"))
    drawn = [
        confusion(counts, classes, f"{name}: labels by row, predictions by column")
        for name, (classes, counts) in list(contents.confusions().items())[:MOST_MATRICES]
    ]
    if any(drawn):
        told = f"At IoU {IOU}, score above {SCORE}, all runs of a row together; shades are shares of a row."
        parts.append(f"<h3>Confusion</h3><p class=quiet>{told}</p><div class=pair>{''.join(drawn)}</div>")
    found = "".join(parts)
    return f"<section><h2>Where rows differ</h2>{found}</section>" if found else ""


def _factors(contents: Contents) -> str:
    effects = contents.factor_effects()
    if not effects:
        return ""
    drawn = forest(effects[:MOST_EFFECTS], contents.table.question.smallest_effect, "mAP", "Effects")
    assert contents.factorial is not None
    notes = "".join(f"<li>{html_text(note)}</li>" for note in contents.factorial.notes)
    left_out = len(effects) - MOST_EFFECTS
    notes += f"<li>{left_out} further effects are not drawn; yololab effects prints them.</li>" if left_out > 0 else ""
    return f"<section><h2>Main effects and interactions</h2>{drawn}<ul class=quiet>{notes}</ul></section>"


def _power(contents: Contents) -> str:
    rows = len(contents.table.results)
    seeds = min(len(result.row.records) for result in contents.table.results)
    if rows < 2:
        return ""
    smallest, spread = contents.table.question.smallest_effect, contents.spread
    words = power_line(spread, rows, max(seeds, 1), smallest).removeprefix("power: ")
    drawn = power_curve(spread.sd, rows, seeds, smallest, CHANCE) if spread is not None else ""
    return f"<section><h2>Power</h2><p>{html_text(words[0].upper() + words[1:])}.</p>{drawn}</section>"


def _runs(contents: Contents) -> str:
    rows = []
    for place, result in enumerate(contents.table.results):
        scores = percents(result.row, contents.table.compared)
        for number, (seed, record) in enumerate(sorted(result.row.records.items())):
            link = f'<a href="{html_text(contents.page_of(record.run_id))}">{html_text(record.run_id)}</a>'
            anchor = f' id="row-{place}"' if number == 0 else ""
            rows.append(
                f"<tr{anchor}><td>{link}</td><td>{html_text(contents.name_of(result))}</td><td class=n>{seed}</td>"
                f"<td class=n>{scores.get(seed, math.nan):.1f}</td>"
                f"<td class=n>{record.durations.get('total', math.nan):,.0f} s</td></tr>"
            )
    return (
        f"<section><details><summary><b>{len(rows):,} run{'s' * (len(rows) != 1)}</b> <small>with their folders</small>"
        "</summary>"
        "<div class=scroll tabindex=0 role=region aria-label=Runs><table><thead><tr><th>run</th><th>row</th>"
        f"<th class=n>seed</th><th class=n>{html_text(contents.metric)}</th><th class=n>took</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div></details></section>"
    )


def _surroundings(contents: Contents) -> str:
    rows = "".join(
        f"<tr><th scope=row>{html_text(name)}</th><td>{html_text('; '.join(values))}</td></tr>"
        for name, values in contents.surroundings().items()
    )
    return f"<section><h2>What it rests on</h2><table><tbody>{rows}</tbody></table></section>"

"""The part of a study's page that shows images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from yololab.errors import ConfigError
from yololab.pages.scales import axis_over
from yololab.pages.svg import line, path, text
from yololab.report.contents import Contents
from yololab.report.images import Gate, Panel, Shown, images_of
from yololab.study.baseline import places_of
from yololab.study.columns import Result
from yololab.study.publish import html_text

WIDTH, HEIGHT = 220.0, 110.0


def images_section(contents: Contents, wanted: Sequence[dict[str, str]] = ()) -> str:
    """Of two rows, chosen by their choices; one is shown against the baseline, and without any, the row that differs
    most. Nothing for a study of one row. ConfigError for choices that no row, or several rows, have.
    """
    pair = _pair(contents, wanted)
    if pair is None or contents.study is None:
        return ""
    names = (contents.name_of(pair[0]), contents.name_of(pair[1]))
    shown = images_of(contents.study, *pair, names)
    return f"<section><h2>Images that changed most</h2>{_body(shown)}</section>"


def _pair(contents: Contents, wanted: Sequence[dict[str, str]]) -> tuple[Result, Result] | None:
    results = contents.table.results
    if wanted:
        chosen = [_row(results, choices) for choices in wanted]
        first, second = (results[0], chosen[0]) if len(chosen) == 1 else chosen[:2]
        if first is second:
            raise ConfigError("--images: both are one row; expected two")
        return first, second
    others = [result for result in results[1:] if result.difference is not None]
    if not others:
        return None

    def size(result: Result) -> float:
        assert result.difference is not None
        found = abs(result.difference.estimate.difference)
        return found if found == found else -1.0

    return results[0], max(others, key=size)


def _row(results: Sequence[Result], choices: dict[str, str]) -> Result:
    places = places_of([result.row for result in results], choices)
    if len(places) != 1:
        named = ",".join(f"{key}={value}" for key, value in choices.items())
        there = "; ".join(result.row.label for result in results[:20])
        raise ConfigError(f"--images {named}: {len(places)} rows are that; expected one of: {there}")
    return results[places[0]]


def _body(shown: Shown) -> str:
    first, second = map(html_text, shown.names)
    if shown.reason:
        return f"<p class=quiet>{first} beside {second}: {html_text(shown.reason)}.</p>"
    told = (
        f"{first} beside {second}. Errors are wrong detections above a score of 0.25 and labels that nothing found, at "
        f"IoU 0.5, mean over shared seeds; pictures are of seed {shown.seed}."
    )
    parts = []
    for image in shown.images:
        change = f"{image.change.before:.1f} → {image.change.after:.1f} errors"
        parts.append(f"<h3>{html_text(image.name)} <small>{change}</small></h3>{_row_of(image.panels)}")
        gates = "".join(_channels(gate) for gate in image.gates)
        if image.maps or gates:
            parts.append(_row_of([*image.maps, *(gate.panel for gate in image.gates)], gates))
    return f"<p class=quiet>{told}</p>{''.join(parts)}"


def _row_of(panels: Sequence[Panel], more: str = "") -> str:
    found = "".join(
        f'<figure><img alt="{html_text(one.caption)}" decoding=async src="{one.uri}">'
        f"<figcaption>{html_text(one.caption)}</figcaption></figure>"
        for one in panels
    )
    return f"<div class=panels>{found}{more}</div>"


def _channels(gate: Gate) -> str:
    """Channels of an inserted block from the most weakened to the least."""
    values = gate.channels[np.linspace(0, len(gate.channels) - 1, min(len(gate.channels), 200)).round().astype(int)]
    up = axis_over([0.0, *map(float, values)], HEIGHT - 8, 8, 0.02)
    across = axis_over([0.0, float(max(len(values) - 1, 1))], 34, WIDTH - 4, 0.0)
    parts = [path([(across(i), up(float(value))) for i, value in enumerate(values)], "curve c0")]
    for value, number in up.ticks(3):
        parts += [line(34, up(value), WIDTH - 4, up(value), "grid"), text(30, up(value) + 4, number, "tick end")]
    caption = html_text(f"{gate.node}: output / input by channel, sorted ({len(gate.channels)})")
    drawing = f'<svg viewBox="0 0 {WIDTH:.0f} {HEIGHT:.0f}" role="img" aria-label="{caption}">{"".join(parts)}</svg>'
    return f"<figure>{drawing}<figcaption>{caption}</figcaption></figure>"

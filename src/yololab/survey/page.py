"""The report on a data set as one HTML file: no script, nothing from elsewhere; light, dark, phone and paper."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from yololab.data.problems import Problem
from yololab.pages.shell import to_page as shell
from yololab.study.publish import html_text
from yololab.survey.charts import bars, heat
from yololab.survey.measures import MOST_OBJECTS, RATIOS, SIDES, Measures
from yololab.survey.samples import jpeg

MOST_LISTED = 200
MOST_CLASSES = 100


@dataclass(frozen=True)
class Contents:
    """What the page shows."""

    title: str
    measures: Measures
    problems: Mapping[str, Sequence[Problem]]
    """By split"""
    unread: Mapping[str, str]
    labelled: Sequence[tuple[str, np.ndarray]]
    augmented: Sequence[np.ndarray]
    command: str
    """A training on this data, to copy"""


def to_page(contents: Contents) -> str:
    """The whole file."""
    title = html_text(contents.title)
    body = [
        f"<header><p class=eyebrow>data report</p><h1>{title}</h1>{_tiles(contents.measures)}</header>",
        _warnings(contents),
        _classes(contents.measures),
        _charts(contents.measures),
        _pictures("Labelled images", [(name, picture) for name, picture in contents.labelled]),
        _pictures(
            f"What training will see: the first augmented images at {contents.measures.image_size} pixels",
            [("", picture) for picture in contents.augmented],
        ),
        _problems(contents.problems),
        f"<section><h2>Train on it</h2><pre><code>{html_text(contents.command)}</code></pre></section>",
    ]
    return shell(contents.title, "data report", "".join(body))


def _tiles(measures: Measures) -> str:
    tiles = [
        f"<div class=tile><b>{numbers.images:,}</b><span>{name} images</span><small>{numbers.objects:,} objects, "
        f"{numbers.background:,} images without</small></div>"
        for name, numbers in measures.splits.items()
    ]
    tiles.append(f"<div class=tile><b>{len(measures.classes)}</b><span>classes</span></div>")
    return f"<div class=tiles>{''.join(tiles)}</div>"


def _warnings(contents: Contents) -> str:
    found = [f"{name}: {text}" for name, text in contents.unread.items()]
    leaks = sum("two splits" in problem.kind for every in contents.problems.values() for problem in every)
    if leaks:
        found.append(f"images that are in two splits, or look like one of another: {leaks}; numbers will be too good")
    found += contents.measures.remarks()
    if not found:
        return "<section class=calm><p>Nothing to warn of: every class is in every split.</p></section>"
    listed = "".join(f"<li>{html_text(text)}</li>" for text in found)
    return f"<section class=warn><h2>Before you train</h2><ul>{listed}</ul></section>"


def _classes(measures: Measures) -> str:
    names = list(measures.splits)
    head = "".join(f"<th class=n>{html_text(name)}</th><th class=n>in images</th>" for name in names)
    most = max((max(numbers.by_class, default=0) for numbers in measures.splits.values()), default=0) or 1
    rows = []
    for label, name in list(enumerate(measures.classes))[:MOST_CLASSES]:
        cells = []
        for number, split in enumerate(names):
            count = measures.splits[split].by_class[label]
            share = 100 * count / most
            cells.append(
                f'<td class="n bar"><i class="s{number}" style="width:{share:.1f}%"></i>{count:,}</td>'
                f"<td class=n>{measures.splits[split].images_by_class[label]:,}</td>"
            )
        rows.append(f"<tr><th scope=row>{html_text(name)}</th>{''.join(cells)}</tr>")
    more = len(measures.classes) - MOST_CLASSES
    note = f"<p>... and {more} further classes</p>" if more > 0 else ""
    return (
        f"<section><h2>Objects by class</h2><div class=scroll><table><thead><tr><th>class</th>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>{note}</section>"
    )


def _charts(measures: Measures) -> str:
    splits = measures.splits
    legend = "".join(f'<span><i class="s{number}"></i>{html_text(name)}</span>' for number, name in enumerate(splits))
    sides, ratios = ([f"{low:g}" for low in borders[:-1]] + [f"{borders[-1]:g}+"] for borders in (SIDES, RATIOS))
    counts = [*map(str, range(MOST_OBJECTS)), f"{MOST_OBJECTS}+"]
    charts = [
        bars(
            f"Box size: root of width x height, from so many pixels at {measures.image_size} on",
            sides,
            {name: numbers.sides for name, numbers in splits.items()},
        ),
        bars(
            "Box shape: width / height, from so much on",
            ratios,
            {name: numbers.ratios for name, numbers in splits.items()},
        ),
        bars("Objects in an image", counts, {name: numbers.per_image for name, numbers in splits.items()}),
        bars(
            "COCO's small, medium, large",
            ["small", "medium", "large"],
            {name: numbers.sizes for name, numbers in splits.items()},
        ),
        *(heat(f"Where objects lie, {name}", numbers.places) for name, numbers in splits.items()),
    ]
    sizes = "; ".join(
        f"{name} {n.width[0]} to {n.width[2]} wide (median {n.width[1]}), {n.height[0]} to {n.height[2]} high"
        for name, n in splits.items()
    )
    return (
        f"<section><h2>Sizes, shapes, places</h2><p class=legend>{legend}</p>"
        f"<div class=charts>{''.join(charts)}</div><p class=quiet>Images in pixels: {html_text(sizes)}.</p></section>"
    )


def _pictures(title: str, pictures: Sequence[tuple[str, np.ndarray]]) -> str:
    if not pictures:
        return ""
    shown = []
    for name, picture in pictures:
        coded = base64.b64encode(jpeg(picture)).decode()
        caption = f"<figcaption>{html_text(name)}</figcaption>" if name else ""
        told = html_text(name or "augmented training image")
        shown.append(
            f'<figure><img src="data:image/jpeg;base64,{coded}" alt="{told}" decoding="async">{caption}</figure>'
        )
    return f"<section><h2>{html_text(title)}</h2><div class=gallery>{''.join(shown)}</div></section>"


def _problems(problems: Mapping[str, Sequence[Problem]]) -> str:
    total = sum(map(len, problems.values()))
    if not total:
        return "<section><h2>Problems</h2><p>None was found in any file.</p></section>"
    parts = []
    for split, every in problems.items():
        for kind in sorted({problem.kind for problem in every}):
            own = [problem for problem in every if problem.kind == kind]
            lines = []
            for problem in own[:MOST_LISTED]:
                place = f"{problem.file}:{problem.line}" if problem.line else problem.file
                lines.append(f"<li><code>{html_text(place)}</code> {html_text(problem.detail)}</li>")
            more = f"<li>... and {len(own) - MOST_LISTED:,} more</li>" if len(own) > MOST_LISTED else ""
            action = html_text(own[0].action)
            parts.append(
                f"<details{' open' if len(own) <= 5 else ''}><summary>{html_text(split)}: {len(own):,} x "
                f"{html_text(kind)} <small>{action}</small></summary><ol>{''.join(lines)}{more}</ol></details>"
            )
    return f"<section><h2>Problems, by file and line</h2>{''.join(parts)}</section>"

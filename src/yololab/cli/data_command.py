"""`yololab data`: what a data set holds, on the terminal and as one HTML page. Nothing is trained."""

from __future__ import annotations

import argparse
import json
import shlex
from pathlib import Path

from rich.table import Table

from yololab.assemble import make_parts
from yololab.cli.model_options import split_words
from yololab.config.compose import compose
from yololab.data.croissant import write_croissant
from yololab.data.source import DataSource
from yololab.errors import ConfigError
from yololab.files import write_text
from yololab.survey.guess import guess_data
from yololab.survey.measures import Measures, measure_data
from yololab.survey.page import Contents, to_page
from yololab.survey.reading import Reading, read_all
from yololab.survey.samples import augmented, labelled
from yololab.terminal import cell, say, say_note, show

AUGMENTED = 16
SHOWN_CLASSES = 40


def run(options: argparse.Namespace) -> None:
    """Read, measure, print, write the page; or describe it for others."""
    roots, overrides = split_words(options.words)
    if options.json and options.croissant:
        raise ConfigError("data: --json and --croissant are two answers; choose one")
    if len(roots) > 1:
        raise ConfigError(f"data: expected one folder, got {', '.join(roots)}")
    overrides = _with_root(roots, overrides)
    config = compose(overrides, options.config_dir)
    parts = make_parts(config)
    reading = read_all(parts.source)
    measures = measure_data(reading.splits, config["image_size"])
    if options.json:
        problems = {name: data.problems.counts() for name, data in reading.splits.items()}
        print(json.dumps({**measures.to_dict(), "problems": problems, "unread": dict(reading.unread)}, indent=1))
        return
    title = _title(roots, parts.source)
    _print(measures, reading)
    if options.croissant is not None:
        written = write_croissant(options.croissant, title, reading.splits)
        say(f"{written[0]} describes {written[1].name} beside it and where the images lie")
        return
    chosen = " ".join(shlex.quote(text) for text in overrides)
    train = reading.splits["train"]
    contents = Contents(
        title=title,
        measures=measures,
        problems={name: data.problems.problems for name, data in reading.splits.items()},
        unread=reading.unread,
        labelled=labelled(train),
        augmented=augmented(train, config, parts.augment, AUGMENTED) if train.records else [],
        command=f"yololab train -m {chosen} attention=none,cbam seed=0,1,2",
    )
    path = options.output or Path(f"data_report_{''.join(c if c.isalnum() else '_' for c in title).strip('_')}.html")
    write_text(path, to_page(contents))
    say(f"{path}: pictures, sizes, places, and every problem by file and line")


def _with_root(roots: list[str], overrides: list[str]) -> list[str]:
    if not roots:
        return overrides
    if not any(text.startswith("data=") for text in overrides):
        overrides = [f"data={guess_data(Path(roots[0]))}", *overrides]
    path = str(Path(roots[0]).absolute()).replace("\\", "\\\\").replace("'", "\\'")
    return [*overrides, f"data.root='{path}'"]


def _title(roots: list[str], source: DataSource) -> str:
    place = Path(roots[0] if roots else str(getattr(source, "root", type(source).__name__)))
    return place.parent.name if place.suffix and place.parent.name else place.absolute().name


def _print(measures: Measures, reading: Reading) -> None:
    table = Table(title="objects (images that have one)", title_justify="left")
    table.add_column("class", overflow="fold")
    for name in measures.splits:
        table.add_column(name, justify="right")
    for label, name in list(enumerate(measures.classes))[:SHOWN_CLASSES]:
        texts = [f"{n.by_class[label]:,} ({n.images_by_class[label]:,})" for n in measures.splits.values()]
        table.add_row(cell(name), *texts)
    if len(measures.classes) > SHOWN_CLASSES:
        table.add_row(f"... {len(measures.classes) - SHOWN_CLASSES} more")
    totals = [f"{n.objects:,} ({n.images - n.background:,} of {n.images:,})" for n in measures.splits.values()]
    table.add_row(cell("all", "bold"), *totals)
    show(table)
    for name, data in reading.splits.items():
        found = data.problems.summary(f"{name} split").replace("run's data_problems files", "page below")
        if found:
            say(found)
    for name, text in reading.unread.items():
        say_note(f"{name}: {text}")
    for remark in measures.remarks():
        say_note(remark)

"""`yololab import`: an index-numbered YAML as a named graph, or as the choices that build the same."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.table import Table

from yololab.config.place import conf_dir
from yololab.config.trust import trusting
from yololab.detector.complexity import count_parameters, gflops, node_rows
from yololab.errors import ConfigError, did_you_mean
from yololab.index_graph.imported_graph import build
from yololab.index_graph.index_rows import IndexGraph, read_file
from yololab.index_graph.recognise import recognise
from yololab.index_graph.signature import bypassed
from yololab.index_graph.translate import Imported, translate
from yololab.index_graph.write import GROUPS, write
from yololab.terminal import cell, say, say_note, show

NAME = re.compile(r"[A-Za-z_]\w*")
SIZE = 640


def run(options: argparse.Namespace) -> None:
    """Read the file, show its rows by name, and say the choices that build it or write it as a model of one's own."""
    path, mapped = Path(options.file), _mapped(options.map)
    graph = read_file(path)
    with trusting([target.partition(".")[0] for target in mapped.values()]):
        imported = translate(graph, mapped)
        letter = _letter(imported, options.scale)
        _show(graph, imported, letter)
        known = recognise(imported)
    for remark in imported.remarks:
        say_note(remark)
    trust = sorted({target.partition(".")[0] for target in mapped.values()})
    allowed = f" runtime.trust=[{','.join(trust)}]" if trust else ""
    if known is not None:
        say(f"\nthis graph is {' '.join(known)}")
        asked = [f"scale={letter}"] if letter != next(iter(imported.scales)) else []
        say(f"yololab train {_quoted([*known, *asked])}")
        if options.name is None:
            say("nothing is written; --name NAME writes it as a model of its own all the same")
            return
    name = options.name or re.sub(r"\W+", "_", path.stem).strip("_")
    _require_free(name)
    says = f"Imported from {path.name}."
    for written in write(replace(imported, name=name), Path.cwd(), says):
        say(str(written.relative_to(Path.cwd())))
    if known is None:
        say("no choices build this graph, so it is a model of its own")
    chosen = "" if letter == next(iter(imported.scales)) else f" scale={letter}"
    say(f"yololab train --config-dir conf model={name}{chosen}{allowed}")


def _mapped(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for text in given:
        module, _, target = text.partition("=")
        if not module or not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+", target):
            raise ConfigError(f"--map {text}: expected MODULE=package.Class, as in --map MyBlock=my_module.MyBlock")
        found[module] = target
    return found


def _letter(imported: Imported, asked: str | None) -> str:
    if asked is None:
        return next(iter(imported.scales))
    if asked not in imported.scales:
        known = ", ".join(imported.scales)
        raise ConfigError(f"--scale {asked}: {imported.name} has {known}{did_you_mean(asked, imported.scales)}")
    return asked


def _require_free(name: str) -> None:
    if not NAME.fullmatch(name):
        raise ConfigError(f"--name {name}: expected letters, digits and _, as choices have them")
    for group in ("model", *GROUPS):
        if (conf_dir() / group / f"{name}.yaml").exists():
            raise ConfigError(f"--name {name}: yololab has a {group} of this name, which would be taken; give another")


def _show(graph: IndexGraph, imported: Imported, letter: str) -> None:
    detector = build(imported, letter)
    by_name = {row.name: row for row in node_rows(detector, SIZE)}
    places = {**imported.places, graph.rows[-1].index: "head"}
    table = Table("row", "module", "node", "(C, H, W)", "parameters", "GFLOPs")
    for column in table.columns[4:]:
        column.justify = "right"
    for row in graph.rows:
        found = by_name.get(places.get(row.index, ""))
        if found is None:
            name = places.get(row.index, "hands on what it reads")
            unread = " (nothing reads it)" if row.index in places else ""
            table.add_row(str(row.index), cell(row.module), f"{name}{unread}", "", "", "")
            continue
        shape = ", ".join(map(str, found.shape))
        numbers = (f"{found.parameters:,}", f"{found.gflops:.3f}")
        table.add_row(str(row.index), cell(row.module), cell(found.name), shape, *numbers)
    show(table)
    say(
        f"{imported.name} at scale {letter}, 80 classes: {count_parameters(detector):,} parameters, "
        f"{gflops(detector, SIZE):.3f} GFLOPs at {SIZE} pixels; scales: {', '.join(imported.scales)}"
    )
    for node, written in imported.written_widths.items():
        [source] = next(one for one in detector.graph.nodes if one.name == node).inputs
        have = detector.specs[source].width
        if have != written:
            say_note(f"{node}: its row says {written} channels, at scale {letter} it reads {have}; {have} are used")
    for node, reader, source in bypassed(detector.graph):
        say_note(f"{reader} reads {source}, not {node} behind it: so look files whose rows were not renumbered")


def _quoted(overrides: Sequence[str]) -> str:
    return " ".join(f"'{text}'" if re.search(r"[\s\[\]>]", text) else text for text in overrides)

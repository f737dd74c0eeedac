"""What tells runs apart that share all columns of a table: their graphs, and what they were made with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from yololab.config.identity import ABSENT, GRAPH_KEYS
from yololab.run.record import RunRecord
from yololab.study.environment import environment
from yololab.study.setting_texts import SettingTexts
from yololab.study.usable import why_left_out


def by_graphs(records: Sequence[RunRecord], settings: Sequence[dict[str, str]], columns: Sequence[str]) -> list[str]:
    """Keys that differ between runs of one row whose graphs differ; they are put into `settings`.

    Of keys that always have the same value, as one that is written after another, the one of the shortest name.
    """
    needed: set[str] = set()
    texts = SettingTexts()
    graphs = [texts.of({key: record.science.get(key) for key in GRAPH_KEYS}) for record in records]
    for members in alike(settings, columns):
        if len({records[i].complexity.get("fingerprint") for i in members}) > 1:
            keys = {key for i in members for key in graphs[i]}
            needed |= {key for key in keys if len({graphs[i].get(key, ABSENT) for i in members}) > 1}
    told: dict[tuple[str, ...], str] = {}
    for key in sorted(needed, key=lambda key: (len(key), key)):
        told.setdefault(tuple(graph.get(key, ABSENT) for graph in graphs), key)
    for found, graph in zip(settings, graphs, strict=True):
        found.update({key: graph.get(key, ABSENT) for key in told.values()})
    return sorted(told.values())


def by_surroundings(
    records: Sequence[RunRecord], settings: Sequence[dict[str, str]], columns: Sequence[str]
) -> list[str]:
    """Parts of the environment that tell runs of one row and seed apart; they are put into `settings`."""
    needed: list[str] = []
    for members in alike([{**found, "seed": str(r.seed)} for found, r in zip(settings, records, strict=True)],
                          [*columns, "seed"]):  # fmt: skip
        if len(members) < 2:
            continue
        usable = [environment(records[i]) for i in members if why_left_out(records[i]) is None]
        differing = [key for key in (usable[0] if usable else ()) if len({around.get(key) for around in usable}) > 1]
        if differing and not set(needed) & set(differing):
            needed.append(differing[0])
    if needed:
        for found, record in zip(settings, records, strict=True):
            around = environment(record)
            found.update({key: around.get(key, ABSENT) for key in needed})
    return needed


def alike(settings: Sequence[Mapping[str, str]], columns: Sequence[str]) -> list[list[int]]:
    """Places of the settings that agree in all columns."""
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for index, one in enumerate(settings):
        found[tuple(one.get(key, ABSENT) for key in columns)].append(index)
    return list(found.values())

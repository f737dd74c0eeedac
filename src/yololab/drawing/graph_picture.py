"""The drawing of a network as SVG: lanes, levels, nodes, and edges that keep off nodes."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

from yololab.drawing.graph_layout import DrawnNode, Layout, Place, lay_out
from yololab.graph.node import HEAD
from yololab.pages.svg import shortened
from yololab.study.publish import html_text

COLUMN, ROW, WIDTH, HEIGHT = 112.0, 86.0, 92.0, 40.0
LEFT, TOP, BOTTOM = 46.0, 62.0, 26.0
STYLE = """
.net text{font-family:system-ui,-apple-system,"Segoe UI",sans-serif;fill:var(--ink,#1f2328);text-anchor:middle}
.net .lane{fill:var(--net-lane,#f1f4f7)}.net .lane.odd{fill:var(--net-odd,#e9eef3)}
.net .section{font-size:14px;font-weight:600;text-anchor:start}
.net .level{font-size:12px;fill:var(--quiet,#5b646e)}
.net .node{fill:var(--card,#fff);stroke:var(--net-edge,#8b97a3);stroke-width:1.1}
.net .inserted .node{fill:var(--net-new,#fff1d6);stroke:var(--net-newline,#d98e04);stroke-width:2.2}
.net .exchanged .node{fill:var(--net-other,#e3f0fb);stroke:var(--net-otherline,#0b62b0);stroke-width:1.8}
.net .local{font-size:12px;font-weight:600}.net .block{font-size:10.5px;fill:var(--quiet,#5b646e)}
.net .edge{fill:none;stroke:var(--net-edge,#8b97a3);stroke-width:1.3}
.net .edge.new{stroke:var(--net-newline,#d98e04);stroke-width:2}
.net .tip{fill:var(--net-edge,#8b97a3)}.net .newtip{fill:var(--net-newline,#d98e04)}
"""


def picture(title: str, nodes: Sequence[DrawnNode]) -> str:
    """An svg element, whose colours are a page's where it has them; STYLE must be in the same document."""
    layout = lay_out(nodes)
    columns = 1 + max(last for _, last in layout.lanes.values())
    width, height = LEFT + COLUMN * columns + 8, TOP + ROW * len(layout.levels) + BOTTOM
    mark = zlib.crc32(title.encode())  # of several on a page, one that is hidden lends its arrows to no other
    new = {node.name for node in nodes if node.mark == "inserted"}
    parts = [_lanes(layout, height), _levels(layout)]
    parts += [_edge(layout, name, node, new, mark) for node in nodes for name in node.inputs if name in layout.places]
    parts += [_node(layout.places[node.name], node) for node in nodes]
    told = html_text(title)
    tips = "".join(
        f'<marker id="{name}{mark}" viewBox="0 0 6 6" refX="5.2" refY="3" markerWidth="8" markerHeight="8" '
        f'markerUnits="userSpaceOnUse" orient="auto"><path class="{name}" d="M0 0L6 3L0 6Z"/></marker>'
        for name in ("tip", "newtip")
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="net" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" aria-label="{told}"><title>{told}</title>'
        f"<defs>{tips}</defs>{''.join(parts)}</svg>"
    )


def standalone(title: str, nodes: Sequence[DrawnNode]) -> str:
    """A whole SVG file on a white ground."""
    drawn = picture(title, nodes)
    ground = '<rect width="100%" height="100%" fill="#fff"/>'
    return drawn.replace("<defs>", f"<style>{STYLE}</style>{ground}<defs>", 1) + "\n"


def _x(place: Place) -> float:
    return LEFT + COLUMN * (place.column + 0.5)


def _y(row: float) -> float:
    return TOP + ROW * (row + 0.5)


def _lanes(layout: Layout, height: float) -> str:
    found = []
    for place, (section, (first, last)) in enumerate(layout.lanes.items()):
        x, width = LEFT + COLUMN * first, COLUMN * (last - first + 1)
        kind = "lane odd" if place % 2 else "lane"
        found.append(
            f'<rect class="{kind}" x="{x + 2:.1f}" y="8" width="{width - 4:.1f}" height="{height - 16:.1f}" rx="8"/>'
            f'<text class="section" x="{x + 14:.1f}" y="32">{html_text(section)}</text>'
        )
    return "".join(found)


def _levels(layout: Layout) -> str:
    return "".join(
        f'<text class="level" x="{LEFT / 2:.1f}" y="{_y(row) + 4:.1f}">P{level}<title>stride {2**level}</title></text>'
        for row, level in enumerate(layout.levels)
    )


def _node(place: Place, node: DrawnNode) -> str:
    x, top, bottom = _x(place) - WIDTH / 2, _y(place.top) - HEIGHT / 2, _y(place.bottom) + HEIGHT / 2
    middle = (top + bottom) / 2
    local = node.name.partition(".")[2] or node.name
    first, second = (node.block, local) if node.mark == "inserted" else (local, node.block)
    told = f"{node.name}: {node.block}" + (f"; {node.told}" if node.told else "")
    texts = "".join(
        f'<text class="{kind}" x="{_x(place):.1f}" y="{middle + shift:.1f}">{html_text(shortened(words, most))}</text>'
        for kind, shift, words, most in (("local", -3, first, 13), ("block", 12, second, 17))
    )
    return (
        f'<g class="{node.mark or "plain"}"><title>{html_text(told)}</title>'
        f'<rect class="node" x="{x:.1f}" y="{top:.1f}" width="{WIDTH}" height="{bottom - top:.1f}" rx="7"/>{texts}</g>'
    )


def _edge(layout: Layout, source: str, node: DrawnNode, new: set[str], mark: int) -> str:
    start, end = layout.places[source], layout.places[node.name]
    kind, tip = ("edge new", "newtip") if source in new or node.name in new else ("edge", "tip")
    steps = _steps(layout.places, start, end, node.section == HEAD)
    return f'<path class="{kind}" d="{steps}" marker-end="url(#{tip}{mark})"/>'


def _steps(places: Mapping[str, Place], start: Place, end: Place, to_head: bool) -> str:
    """Straight along a level or a column, else a curve; around nodes in between, in the gap below the level."""
    x1, y1, x2 = _x(start) + WIDTH / 2, _y(start.top), _x(end) - WIDTH / 2
    row = start.top if to_head and end.top <= start.top <= end.bottom else end.top
    y2 = _y(row)
    if start.column == end.column:
        down = 1 if y2 > y1 else -1
        return f"M{_x(start):.1f} {y1 + down * HEIGHT / 2:.1f}L{_x(end):.1f} {y2 - down * HEIGHT / 2:.1f}"
    between = [p for p in places.values() if start.column < p.column < end.column and p.top <= start.top <= p.bottom]
    if not between and start.top == row:
        return f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"
    bend = COLUMN * 0.3
    if not between:
        return f"M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    gap = y1 + ROW / 2 - 4 + 3 * (int(start.column) % 4)  # edges that begin elsewhere do not cover each other
    return (
        f"M{x1:.1f} {y1:.1f}C{x1 + bend:.1f} {y1:.1f} {x1:.1f} {gap:.1f} {x1 + bend:.1f} {gap:.1f}"
        f"L{x2 - bend:.1f} {gap:.1f}C{x2:.1f} {gap:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    )

"""Pieces of SVG drawings, whose colours are the page's."""

from __future__ import annotations

from collections.abc import Sequence

from yololab.pages.scales import Axis
from yololab.study.publish import html_text

SERIES = 8
"""Colours that a page can tell apart; further series repeat them with other dashes"""


def text(x: float, y: float, words: str, kind: str = "", title: str = "") -> str:
    """Words at a place; `kind` are classes of the page's style."""
    told = f"<title>{html_text(title)}</title>" if title else ""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{html_text(words)}{told}</text>'


def shortened(words: str, most: int) -> str:
    """At most so many letters."""
    return words if len(words) <= most else words[: most - 1] + "…"


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line."""
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def path(points: Sequence[tuple[float, float]], kind: str, closed: bool = False) -> str:
    """A line through points, or the area within them."""
    steps = " ".join(f"{'L' if place else 'M'}{x:.1f} {y:.1f}" for place, (x, y) in enumerate(points))
    return f'<path class="{kind}" d="{steps}{"Z" if closed else ""}"/>'


def dot(x: float, y: float, kind: str, title: str, radius: float = 4.5, link: str = "") -> str:
    """A point that says what it is, and leads to `link` where there is one."""
    told = html_text(title)
    drawn = f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"><title>{told}</title></circle>'
    return f'<a href="{html_text(link)}" aria-label="{told}">{drawn}</a>' if link else drawn


def below(axis: Axis, y: float, top: float, label: str) -> str:
    """A horizontal axis with its numbers at `y`, light lines up to `top`, and what it measures."""
    parts = [line(axis.start, y, axis.stop, y, "axis")]
    for value, number in axis.ticks():
        parts += [line(axis(value), top, axis(value), y, "grid"), text(axis(value), y + 15, number, "tick")]
    parts.append(text((axis.start + axis.stop) / 2, y + 32, label, "label"))
    return "".join(parts)


def beside(axis: Axis, x: float, right: float, label: str) -> str:
    """A vertical axis with its numbers left of `x`, light lines to `right`, and what it measures above."""
    parts = [line(x, axis.start, x, axis.stop, "axis")]
    for value, number in axis.ticks():
        y = axis(value)
        parts += [line(x, y, right, y, "grid"), text(x - 7, y + 4, number, "tick end")]
    parts.append(text(x, axis.stop - 10, label, "label start"))
    return "".join(parts)


def figure(title: str, width: float, height: float, parts: Sequence[str], kind: str = "") -> str:
    """A drawing with its caption; read aloud, it is its caption."""
    caption, box = html_text(title), f"0 0 {width:.0f} {height:.0f}"
    drawn = "".join(parts)
    role = "group" if "<a " in drawn else "img"  # what is read as one picture may hold nothing to go to
    drawing = f'<svg viewBox="{box}" role="{role}" aria-label="{caption}">{drawn}</svg>'
    opening = f'<figure class="{kind}" style="--widest:{1.2 * width:.0f}px">'
    region = f'<div class="scroll" tabindex="0" role="region" aria-label="{caption}">{drawing}</div>'
    return f"{opening}<figcaption>{caption}</figcaption>{region}</figure>"

"""Charts as SVG text, in the colours of the page: bars of several series, and a map of places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from yololab.study.publish import html_text

WIDTH, HEIGHT, BOTTOM, TOP = 420, 190, 34, 14


def bars(title: str, labels: Sequence[str], series: Mapping[str, Sequence[int]]) -> str:
    """Grouped bars, each series as a share of its own total: splits of different sizes are compared by shape."""
    shares = {name: [value / max(sum(values), 1) for value in values] for name, values in series.items()}
    top = max((share for values in shares.values() for share in values), default=0) or 1
    slot = WIDTH / max(len(labels), 1)
    wide = min(26.0, 0.8 * slot / max(len(series), 1))
    parts = []
    for place, label in enumerate(labels):
        middle = slot * (place + 0.5)
        parts.append(f'<text class="tick" x="{middle:.1f}" y="{HEIGHT - BOTTOM + 16}">{html_text(label)}</text>')
        for number, (name, values) in enumerate(shares.items()):
            tall = (HEIGHT - BOTTOM - TOP) * values[place] / top
            x = middle + (number - len(series) / 2) * wide
            told = f"{name}, {label}: {series[name][place]:,} ({100 * values[place]:.1f}%)"
            parts.append(
                f'<rect class="s{number}" x="{x:.1f}" y="{HEIGHT - BOTTOM - tall:.1f}" width="{max(wide - 1, 1):.1f}" '
                f'height="{tall:.1f}"><title>{html_text(told)}</title></rect>'
            )
    axis = f'<line class="axis" x1="0" x2="{WIDTH}" y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM}"/>'
    peak = f'<text class="peak" x="{WIDTH}" y="10">tallest {100 * top:.0f}%</text>'
    return _svg(title, WIDTH, HEIGHT, [axis, peak, *parts])


def heat(title: str, counts: Sequence[Sequence[int]]) -> str:
    """A square map of counts, darker where there are more."""
    side, rows = 190, len(counts)
    top = max((value for row in counts for value in row), default=0) or 1
    cell = side / max(rows, 1)
    parts = [f'<rect class="ground" width="{side}" height="{side}"/>']
    for y, row in enumerate(counts):
        for x, value in enumerate(row):
            if value:
                parts.append(
                    f'<rect class="s0" x="{x * cell:.2f}" y="{y * cell:.2f}" width="{cell:.2f}" height="{cell:.2f}" '
                    f'opacity="{0.08 + 0.92 * value / top:.2f}"><title>{value:,}</title></rect>'
                )
    return _svg(title, side, side, parts)


def _svg(title: str, width: int, height: int, parts: Sequence[str]) -> str:
    return (
        f'<figure><figcaption>{html_text(title)}</figcaption><svg viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{html_text(title)}">{"".join(parts)}</svg></figure>'
    )

"""The live page: its frame; everything on it comes by its script from state.json."""

from __future__ import annotations

from pathlib import Path

from yololab.pages.shell import to_page as shell
from yololab.study.publish import html_text

STYLE, SCRIPT = (Path(__file__).with_name(f"live_page.{kind}") for kind in ("css", "js"))


def live_page(name: str) -> str:
    """Of a study of this name."""
    body = (
        f"<header><p class=eyebrow>live</p><h1>{html_text(name)}</h1><p class=question id=line role=status>…</p>"
        "<div class=tiles id=tiles></div></header>"
        '<section><h2>Validation mAP</h2><svg id=curves viewBox="0 0 900 300" role="img" '
        'aria-label="validation mAP by epoch, a line for every run"></svg></section>'
        "<section><h2>Runs</h2><div class=cells id=cells></div></section>"
        "<section id=shots hidden><h2>Last pictures</h2><div class=gallery id=gallery></div></section>"
        '<p class=quiet><a href="/report">The report of what is finished</a></p>'
    )
    style, script = (path.read_text(encoding="utf-8") for path in (STYLE, SCRIPT))
    return shell(name, "live", body, style, script, connect="'self'", images="'self' data:")

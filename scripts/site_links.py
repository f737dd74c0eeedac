"""A hook of mkdocs: places of the repository outside of docs/ are named in the site and not linked."""

from __future__ import annotations

import re
from typing import Any


def on_page_markdown(markdown: str, **_: Any) -> str:
    """[text](../place) becomes text and `place`."""
    return re.sub(r"\[([^\]]+)\]\(\.\./([^)]+)\)", _named, markdown)


def _named(found: re.Match[str]) -> str:
    text, place = found.groups()
    return f"`{place}`" if text == place else f"{text} (`{place}`)"

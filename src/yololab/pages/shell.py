"""The frame of a page: head, style, a policy that forbids everything from elsewhere, body."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from yololab.study.publish import html_text

ICON = "data:image/png;base64," + (
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQAQMAAAAlPW0iAAAABlBMVEX///8LYrDFPYY2AAAAAXRSTlMAQObYZgAAACtJREFUeNot"
    "wrERABAABLDca2xhFZtZzSq20HAauQDGDVk1pMzwnx7SdnwPk0MFlM4dk9AAAAAASUVORK5CYII="
)
"""A box in a box, 16 x 16"""
BASE = Path(__file__).with_name("base.css")


def to_page(
    title: str, kind: str, body: str, style: str = "", script: str = "", connect: str = "", images: str = "data:"
) -> str:
    """A whole HTML file. `body` is HTML; `title` and `kind` ("data report") are text. Only `script` may run in it.

    `connect` and `images` are sources that a Content-Security-Policy allows for requests and pictures.
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; img-src {images}; style-src 'unsafe-inline'"
    policy += f"; connect-src {connect}" if connect else ""
    policy += f"; script-src 'sha256-{digest}'" if script else ""
    runs = f"<script>{script}</script>" if script else ""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width,initial-scale=1"><meta http-equiv="Content-Security-Policy" content="{policy}">'
        f'<link rel="icon" href="{ICON}">'
        f"<title>{html_text(title)}: {html_text(kind)}</title>"
        f"<style>{BASE.read_text(encoding='utf-8')}{style}</style></head>"
        f"<body><main>{body}</main>{runs}</body></html>\n"
    )

"""An annotation file of Pascal VOC: parsed as data, in any encoding that it declares, every object with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, ParseError, TreeBuilder  # nosec B405 # defusedxml parses

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from yololab.data.text import DECIMAL
from yololab.errors import DataError

ROOT = "annotation"
NUMBER = re.compile(DECIMAL, re.ASCII)
FLAGS = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}
DECLARED = re.compile(rb"""\s*<\?xml[^>]*\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
MOST_BYTES = 2**26


@dataclass(frozen=True)
class VOCObject:
    """One <object> as it is written; `box` (x1, y1, x2, y2) is NaN where a corner is no number."""

    name: str
    box: tuple[float, float, float, float]
    difficult: bool
    line: int
    wrong: str | None = None
    """What keeps it from being read"""


@dataclass(frozen=True)
class VOCAnnotation:
    """What a file says."""

    size: tuple[int, int] | None
    """Width and height; None where it says none, or 0"""
    objects: tuple[VOCObject, ...]


def read_voc_xml(path: Path) -> VOCAnnotation:
    """Parse a file. DataError with its line where it is no annotation."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataError(f"{path}: larger than 64 MiB, so no annotation")
        root = _parsed(path.read_bytes())
    except ParseError as error:
        raise DataError(f"{path}:{error.position[0]}: {error}") from error
    except DefusedXmlException as error:
        raise DataError(f"{path}: it declares entities, which are not read ({type(error).__name__})") from error
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    except (LookupError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: {error}") from error
    if root.tag != ROOT:
        raise DataError(f"{path}:{root.get(_Lines.KEY)}: expected <{ROOT}> as its root, got <{root.tag:.80}>")
    return VOCAnnotation(_size(root), tuple(_object(item) for item in root.iter("object")))


class _Lines(TreeBuilder):
    """Notes at every element on which line it begins; names lose their namespaces and capitals."""

    KEY = "line-of-element"
    expat: Any = None

    def start(self, tag: Any, attrs: Any) -> Element:
        own = {**attrs, self.KEY: str(self.expat.CurrentLineNumber)}
        return super().start(tag.rpartition("}")[2].lower(), own)

    def end(self, tag: Any) -> Element:
        return super().end(tag.rpartition("}")[2].lower())


def _parsed(raw: bytes) -> Element:
    try:
        return _parsed_as(raw, None)
    except ValueError as error:  # expat has single-byte encodings only; GB2312 and others are Python's
        declared = DECLARED.match(raw)
        if "multi-byte" not in str(error) or declared is None:
            raise
        return _parsed_as(raw.decode(declared.group(1).decode("ascii")).encode(), "utf-8")


def _parsed_as(raw: bytes, encoding: str | None) -> Element:
    builder = _Lines()
    parser = DefusedXMLParser(target=builder, encoding=encoding)
    builder.expat = parser.parser
    parser.feed(raw)
    return parser.close()


def _size(root: Element) -> tuple[int, int] | None:
    sides = [(root.findtext(f"size/{side}") or "").strip() for side in ("width", "height")]
    if not all(side.isascii() and side.isdigit() and len(side) < 10 and int(side) for side in sides):
        return None
    return int(sides[0]), int(sides[1])


def _object(item: Element) -> VOCObject:
    name, flag = (item.findtext("name") or "").strip(), (item.findtext("difficult") or "").strip().lower()
    line, wrong = int(item.get(_Lines.KEY) or 0), None
    if len(item.findall("bndbox")) != 1 or len(item.findall("name")) != 1:
        found = f"{len(item.findall('name'))} <name> and {len(item.findall('bndbox'))} <bndbox>"
        wrong = f"expected one <name> and one <bndbox>, got {found}"
    elif flag not in FLAGS:
        wrong = f"difficult is {flag!r}; expected 0 or 1"
    corners = [_number(item.findtext(f"bndbox/{key}")) for key in ("xmin", "ymin", "xmax", "ymax")]
    return VOCObject(name, (corners[0], corners[1], corners[2], corners[3]), FLAGS.get(flag, False), line, wrong)


def _number(text: str | None) -> float:
    text = (text or "").strip()
    return float(text) if NUMBER.fullmatch(text) else float("nan")

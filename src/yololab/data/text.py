"""Text files of data sets: UTF-8 (UTF-16 where a byte order mark says so), any line ends; else an error."""

from __future__ import annotations

import codecs
from pathlib import Path

from yololab.errors import DataError

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
MOST_BYTES = 2**31
DECIMAL = r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"
"""How a number is written in a data set; Python itself would also take 1_0 and digits of other scripts"""


def read_text(path: Path) -> str:
    """The file's text without its byte order mark. DataError that names file and line where it is no text."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataError(f"{path}: larger than 2 GiB, so no text file of a data set")
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    encoding = next((name for mark, name in MARKS if raw.startswith(mark)), "utf-8")
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DataError(f"{path}:{line}: expected UTF-8 text ({error.reason}); save the file as UTF-8") from error
    if "\0" in text:
        raise DataError(f"{path}:{text.count(chr(10), 0, text.index(chr(0))) + 1}: a zero byte, so no text file")
    return text


def in_either_capitals(path: Path) -> Path:
    """The path, or the one with its ending in capitals where only that is there (.TXT, .XML)."""
    capitals = path.with_suffix(path.suffix.upper())
    return capitals if not path.exists() and capitals.is_file() else path


def read_lines(path: Path) -> list[tuple[int, str]]:
    """(number from 1, text without blanks around) of every line that is not empty."""
    lines = read_text(path).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [(number, line.strip()) for number, line in enumerate(lines, 1) if line.strip()]

"""What is in image files: a hash of their bytes and what they decode to, found once and remembered.

XXH3 (128 bits) and a strict decoding of every file, by path, size and time of change. The memory is a SQLite file in
the user's cache folder ($YOLOLAB_CACHE, else $XDG_CACHE_HOME/yololab or ~/.cache/yololab); where that cannot be
written, files are read each time.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import xxhash
from rich.console import Console

from yololab.data.decode import UNREADABLE, Decoded, decode_strictly
from yololab.errors import DataError
from yololab.terminal import say

MISSING = "missing image"
MOST_THREADS = 8
MOST_BYTES = 2**30
MANY = 2000
"""From so many new files on, a person is told what takes so long"""
Key = tuple[bytes, int, int]
"""Path, size in bytes, time of change in nanoseconds"""


@dataclass(frozen=True)
class ImageFacts:
    """Of one file: the hash of its bytes (32 hexadecimal digits; empty where it cannot be read), what it decodes to."""

    hash: str
    decoded: Decoded


def examine(paths: Sequence[Path]) -> list[ImageFacts]:
    """Facts of files, in order; what is wrong with a file is in them."""
    keys = [_key(path) for path in paths]
    known = _remembered([key for key in keys if isinstance(key, tuple)])
    unknown = [key for key in dict.fromkeys(keys) if isinstance(key, tuple) and key not in known]
    if unknown:
        if len(unknown) >= MANY:
            say(f"reading and decoding {len(unknown):,} images, once; it is remembered", Console(stderr=True))
        with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1)) as pool:
            fresh = dict(zip(unknown, pool.map(_examine, unknown), strict=True))
        _remember({key: facts for key, facts in fresh.items() if facts.hash})
        known |= fresh
    return [known[key] if isinstance(key, tuple) else key for key in keys]


def content_hashes(paths: Sequence[Path]) -> list[str]:
    """Hashes of files, in order. DataError that names a file that cannot be read."""
    found = examine(paths)
    for path, facts in zip(paths, found, strict=True):
        if not facts.hash:
            raise DataError(f"{path}: cannot be read: {facts.decoded.detail}")
    return [facts.hash for facts in found]


def cache_folder() -> Path:
    """Where yololab keeps what it can make again."""
    named = os.environ.get("YOLOLAB_CACHE")
    return Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "yololab"


def _key(path: Path) -> Key | ImageFacts:
    """What a file is remembered by, or why it cannot be read at all."""
    try:
        str(path).encode()
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return ImageFacts("", Decoded(kind=MISSING, detail="not a file"))
        return os.fsencode(path.resolve()), found.st_size, found.st_mtime_ns
    except UnicodeEncodeError:
        return ImageFacts("", Decoded(kind=UNREADABLE, detail="its name is not UTF-8; rename it"))
    except FileNotFoundError:
        return ImageFacts("", Decoded(kind=MISSING, detail="No such file"))
    except (OSError, ValueError) as error:
        return ImageFacts("", Decoded(kind=MISSING, detail=getattr(error, "strerror", None) or str(error)))


def _examine(key: Key) -> ImageFacts:
    if key[1] > MOST_BYTES:
        return ImageFacts("", Decoded(kind=UNREADABLE, detail="larger than 1 GiB"))
    try:
        raw = Path(os.fsdecode(key[0])).read_bytes()
    except OSError as error:
        return ImageFacts("", Decoded(kind=UNREADABLE, detail=error.strerror or str(error)))
    decoded = decode_strictly(raw)
    return ImageFacts(xxhash.xxh3_128(raw).hexdigest(), replace(decoded, detail=decoded.detail[:500]))


@contextlib.contextmanager
def _memory() -> Iterator[sqlite3.Connection]:
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(folder / "images.sqlite", timeout=30)) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS images_2 (path BLOB PRIMARY KEY, size INTEGER, changed INTEGER, hash TEXT,"
            " width INTEGER, height INTEGER, peak INTEGER, kind TEXT, detail TEXT, look TEXT)"
        )
        yield connection
        connection.commit()


def _remembered(keys: Sequence[Key]) -> dict[Key, ImageFacts]:
    wanted = set(keys)
    try:
        with _memory() as connection:
            found: dict[Key, ImageFacts] = {}
            paths = sorted({key[0] for key in wanted})
            for start in range(0, len(paths), 500):  # below SQLite's limit of variables
                part = paths[start : start + 500]
                marks = ",".join("?" * len(part))
                rows = connection.execute(f"SELECT * FROM images_2 WHERE path IN ({marks})", part)  # nosec B608 # ?, ?
                found |= {(row[0], row[1], row[2]): ImageFacts(row[3], Decoded(*row[4:])) for row in rows}
            return {key: value for key, value in found.items() if key in wanted}
    except (sqlite3.Error, OSError, TypeError):
        return {}


def _remember(facts: dict[Key, ImageFacts]) -> None:
    with contextlib.suppress(sqlite3.Error, OSError), _memory() as connection:
        rows = [(*key, found.hash, *astuple(found.decoded)) for key, found in facts.items()]
        connection.executemany("INSERT OR REPLACE INTO images_2 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

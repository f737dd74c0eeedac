"""What is in image files: a fast hash of their bytes, taken once and remembered by path, size and time of change.

XXH3 (128 bits) runs at memory speed, so a first fingerprint costs one reading of the files, and the next ones none. The
memory is a SQLite file in the user's cache folder ($YOLOLAB_CACHE, else $XDG_CACHE_HOME/yololab or ~/.cache/yololab);
where that cannot be written, files are read each time.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import xxhash

from yololab.errors import DataError

BLOCK = 1 << 20
MOST_THREADS = 8
Key = tuple[str, int, int]
"""Path, size in bytes, time of change in nanoseconds"""


def content_hashes(paths: Sequence[Path]) -> list[str]:
    """Hashes of files, 32 hexadecimal digits each, in order. DataError that names a file that cannot be read."""
    keys = [_key(path) for path in paths]
    known = _remembered(keys)
    unknown = [key for key in dict.fromkeys(keys) if key not in known]
    if unknown:
        with ThreadPoolExecutor(min(MOST_THREADS, 2 * (os.cpu_count() or 1))) as pool:
            fresh = dict(zip(unknown, pool.map(lambda key: _hash(Path(key[0])), unknown), strict=True))
        _remember(fresh)
        known |= fresh
    return [known[key] for key in keys]


def cache_folder() -> Path:
    """Where yololab keeps what it can make again."""
    named = os.environ.get("YOLOLAB_CACHE")
    return Path(named) if named else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "yololab"


def _key(path: Path) -> Key:
    try:
        found = path.stat()
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    return str(path.resolve()), found.st_size, found.st_mtime_ns


def _hash(path: Path) -> str:
    digest = xxhash.xxh3_128()
    try:
        with path.open("rb") as stream:
            for block in iter(lambda: stream.read(BLOCK), b""):
                digest.update(block)
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    return digest.hexdigest()


@contextlib.contextmanager
def _memory() -> Iterator[sqlite3.Connection]:
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.closing(sqlite3.connect(folder / "contents.sqlite", timeout=30)) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS contents (path TEXT PRIMARY KEY, size INTEGER, changed INTEGER, hash TEXT)"
        )
        yield connection
        connection.commit()


def _remembered(keys: Sequence[Key]) -> dict[Key, str]:
    wanted = set(keys)
    try:
        with _memory() as connection:
            found: dict[Key, str] = {}
            paths = sorted({key[0] for key in wanted})
            for start in range(0, len(paths), 500):  # below SQLite's limit of variables
                part = paths[start : start + 500]
                marks = ",".join("?" * len(part))
                rows = connection.execute(
                    f"SELECT path, size, changed, hash FROM contents WHERE path IN ({marks})",  # nosec B608: ?, ?
                    part,
                )
                found |= {(path, size, changed): value for path, size, changed, value in rows}
            return {key: value for key, value in found.items() if key in wanted}
    except (sqlite3.Error, OSError):
        return {}


def _remember(hashes: dict[Key, str]) -> None:
    with contextlib.suppress(sqlite3.Error, OSError), _memory() as connection:
        rows = [(*key, value) for key, value in hashes.items()]
        connection.executemany("INSERT OR REPLACE INTO contents VALUES (?, ?, ?, ?)", rows)

"""Files that a reader never sees half of, and that a kill cannot leave half written."""

from __future__ import annotations

import errno
import gc
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from yololab.errors import ConfigError

MOST_JSON = 1 << 28
LONGEST_NUMBER = 30
"""Digits; no count or time has more, and floats end at 309"""
DIGITS = bytes.maketrans(b"123456789", b"000000000")
WIDE = (b"0" * 20, b"-" + b"0" * 19)
TEMPORARY = re.compile(r"^\..+\.(\d+)\.tmp$")


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


def read_json(path: Path) -> Any:
    """What a JSON file holds. OSError where it cannot be opened, ValueError where it is none, however it is broken."""
    content = read_bytes(path)
    digits = content.translate(DIGITS)
    if not any(wide in digits for wide in WIDE):  # orjson makes floats of whole numbers that 64 bits do not hold
        try:
            return orjson.loads(content)
        except orjson.JSONDecodeError:
            pass  # NaN and half characters, which JSON does not have and earlier versions wrote; or an error to word
    try:
        return json.loads(content.decode(), parse_int=_whole_number)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def read_text(path: Path, most: int = MOST_JSON) -> str:
    """The text of a regular file of at most `most` bytes. OSError or ValueError where it is none: pipes never end."""
    return read_bytes(path, most).decode().replace("\r\n", "\n").replace("\r", "\n")


def read_bytes(path: Path, most: int = MOST_JSON) -> bytes:
    """The bytes of a regular file of at most `most`. OSError or ValueError where it is none."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, "Is a directory", str(path))
        raise ValueError("not a regular file")
    if found.st_size > most:
        raise ValueError(f"larger than {most >> 20} MiB")
    return path.read_bytes()


def _whole_number(digits: str) -> int:
    if len(digits) > LONGEST_NUMBER:
        raise ValueError(f"a number of {len(digits)} digits")
    return int(digits)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary neighbour to write to; synced and renamed to `path` at the end, removed after an error."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut, where the file system lets a folder be synced."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Without looking for circles among what is read: of ten thousand files that takes longer than reading."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def remove_temporaries(folder: Path) -> None:
    """Remove what processes that are gone left half written in a folder; files of living processes stay."""
    for path in folder.glob(".*.tmp"):
        found = TEMPORARY.match(path.name)
        if found and not is_alive(int(found.group(1))):
            path.unlink(missing_ok=True)


def is_alive(pid: int) -> bool:
    """Whether a process of this machine exists; a zombie does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (OSError, IndexError):
        return True


def content_hash(path: str, key: str = "weights") -> str:
    """Hash of a file: weights are told by what they are, not by where they lie. `key` names it in errors."""
    try:
        found = os.stat(path)
    except OSError as error:
        raise ConfigError(f"{key}={path}: cannot be read: {error.strerror}") from error
    return _content_hash(path, key, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=64)
def _content_hash(path: str, key: str, *_: int) -> str:
    digest = hashlib.sha256()
    try:
        with Path(path).open("rb") as stream:
            for block in iter(lambda: stream.read(1 << 20), b""):
                digest.update(block)
    except OSError as error:
        raise ConfigError(f"{key}={path}: cannot be read: {error.strerror}") from error
    return digest.hexdigest()[:16]

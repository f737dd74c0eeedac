"""A checkpoint carries the SHA-256 of itself, so that a damaged one is told before anything in it is believed.

It stands in the comment at the very end of the zip archive that `torch.save` writes, which no reader minds: one file,
written whole or not at all. Archives without it (earlier ones, other programs') still have a CRC-32 for every entry.
"""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

MARK = b"yololab-sha256:"
END_BYTES = 22
"""Length of the record that ends an archive without a comment; its last two bytes are the comment's length"""
BLOCK = 1 << 20


def append_digest(path: Path) -> None:
    """Let an archive carry its digest. ValueError where it is no archive, or carries a comment already."""
    size = path.stat().st_size
    with path.open("rb+") as stream:
        stream.seek(max(0, size - END_BYTES))
        if stream.read(4) != b"PK\x05\x06":
            raise ValueError(f"{path}: expected a zip archive without a comment")
        comment = MARK + _digest(path, size - 2).encode()
        stream.seek(size - 2)
        stream.write(len(comment).to_bytes(2, "little") + comment)


def damage_of(path: Path) -> str | None:
    """What is wrong with the bytes of an archive; None where they are those that were written, or it is no archive."""
    if not zipfile.is_zipfile(path):
        return None
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.comment.startswith(MARK):
                require_digest(path, archive)
                return None
            broken = archive.testzip()
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        return str(error)
    return None if broken is None else f"its entry {broken} is damaged"


def require_digest(path: Path, archive: zipfile.ZipFile) -> None:
    """ValueError where an archive carries a digest, and it is not that of its bytes."""
    if not archive.comment.startswith(MARK):
        return
    expected = archive.comment.removeprefix(MARK).decode("ascii", "replace")
    if _digest(path, path.stat().st_size - len(archive.comment) - 2) != expected:
        raise ValueError("its bytes are not those that were written (SHA-256)")


def _digest(path: Path, length: int) -> str:
    """SHA-256 of the first `length` bytes, as hexadecimal text."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while length > 0 and (block := stream.read(min(BLOCK, length))):
            digest.update(block)
            length -= len(block)
    return digest.hexdigest()

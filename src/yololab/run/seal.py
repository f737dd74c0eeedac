"""Knowing again what this user planned: a configuration that allows code of others is sealed with a key of theirs.

A received study can say what it likes, `runtime.trust` included; what it cannot have is the seal, an HMAC-SHA256 of its
config.yaml under a key that stays in the user's own state folder. Configurations that name nothing but yololab's own
parts need none, so most users never have a key.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path

from yololab.errors import YololabError
from yololab.files import read_json, write_text

SEAL_FILE = "seal.json"
KEY_FILE, KEY_BYTES = "key", 32


def seal(folder: Path, text: str) -> None:
    """Keep in `folder` that this user froze a configuration of this text. YololabError where no key can be kept."""
    write_text(folder / SEAL_FILE, json.dumps({"hmac_sha256": _digest(user_key(KEY_FILE, make=True), text)}) + "\n")


def is_sealed(folder: Path, text: str) -> bool:
    """Whether this user froze a configuration of this text in `folder`, or in one that it was moved from."""
    try:
        found = read_json(folder / SEAL_FILE)["hmac_sha256"]
        return hmac.compare_digest(str(found), _digest(user_key(KEY_FILE, make=False), text))
    except (OSError, ValueError, KeyError, TypeError, YololabError):
        return False


def _digest(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def user_key(name: str, make: bool) -> bytes:
    """KEY_BYTES random bytes that this user keeps under a name, made where they are not there and `make` asks for it.

    YololabError where they cannot be kept or read.
    """
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    path = state / "yololab" / name
    try:
        if make and not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _create(path, secrets.token_bytes(KEY_BYTES))
        key = path.read_bytes()
    except OSError as error:
        raise YololabError(
            f"{path}: your key cannot be kept there ({error.strerror}); set "
            "XDG_STATE_HOME to a folder of yours that can be written"
        ) from error
    if len(key) != KEY_BYTES:
        raise YololabError(f"{path}: expected {KEY_BYTES} bytes, found {len(key)}; remove it, and a new one is made")
    return key


def _create(path: Path, content: bytes) -> None:
    """Whole, for this user's eyes only, and never over another process's."""
    temporary = path.with_name(f".key.{os.getpid()}.tmp")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()

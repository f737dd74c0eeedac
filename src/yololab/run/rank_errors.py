"""Why a further rank of a distributed run failed: the first rank, which writes the run's state, only loses its peer."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path

from yololab.errors import YololabError
from yololab.files import read_json, write_text
from yololab.training.ranks import rank

PATTERN = "error_rank*.json"
LOST_PEER = re.compile(
    "Connection (closed|reset|refused)|Broken pipe|gloo|NCCL|ProcessGroup|Socket Timeout", re.IGNORECASE
)


def is_lost_peer(error: BaseException) -> bool:
    """Whether an error only says that another rank is gone."""
    return not isinstance(error, YololabError) and bool(LOST_PEER.search(str(error)))


def note_rank_error(folder: Path, error: BaseException) -> None:
    """Leave word of an error of this rank's own; being stopped, or alone, is none."""
    if isinstance(error, Exception) and not is_lost_peer(error):
        content = {"class": type(error).__name__, "message": f"rank {rank()}: {error}"}
        with contextlib.suppress(OSError):
            write_text(folder / f"error_rank{rank()}.json", json.dumps(content))


def rank_error(folder: Path) -> dict[str, str]:
    """Class and message of the first rank's error that was left; nothing where none was."""
    for path in sorted(folder.glob(PATTERN)):
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            found = read_json(path)
            return {key: str(found[key]) for key in ("class", "message")}
    return {}


def forget_rank_errors(folder: Path) -> None:
    """Before an attempt: what earlier ones left."""
    for path in folder.glob(PATTERN):
        with contextlib.suppress(OSError):
            path.unlink()

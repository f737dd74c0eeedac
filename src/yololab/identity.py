"""What makes two runs the same run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yololab.config import run_id, science_of
from yololab.weights import content_hash


@dataclass(frozen=True)
class Identity:
    """A run's id and what it is made of."""

    run_id: str
    science: dict[str, Any]
    data_fingerprint: str


def identify(content: Mapping[str, Any], data_fingerprint: str, graph_fingerprint: str) -> Identity:
    """Identity of a resolved configuration; files that it names count by their content."""
    science = science_of(content)
    if content["weights"] is not None:
        science["weights"] = content_hash(content["weights"])
    if content["ckpt_path"] not in (None, "last"):
        science["ckpt_path"] = content_hash(content["ckpt_path"], "ckpt_path")
    return Identity(run_id(science, data_fingerprint, graph_fingerprint), science, data_fingerprint)


def folder_of(content: Mapping[str, Any], run: str) -> Path:
    """runs/<study>/<run id>."""
    return Path(content["runtime"]["root"]) / content["study"]["name"] / run

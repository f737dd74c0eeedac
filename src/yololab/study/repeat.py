"""A finished record, run once more in a new folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from omegaconf import OmegaConf

from yololab.config.identity import flat, is_science
from yololab.config.target import TARGET
from yololab.errors import YololabError
from yololab.run.find import config_of
from yololab.run.folder import RunFolder
from yololab.run.record import RunRecord
from yololab.run.spec import RunSpec, allowed
from yololab.run.start import run_planned
from yololab.study.compare import Difference, compare, different_weights


@dataclass(frozen=True)
class Repeat:
    """Both records, and in what they differ."""

    folder: RunFolder
    """Of the second"""
    before: RunRecord
    after: RunRecord
    differences: Sequence[Difference]
    different_weights: Sequence[str] | None
    """Names of tensors; None where one of both keeps no checkpoint"""

    @property
    def results(self) -> list[Difference]:
        """Differences of numbers, not of what they were made with."""
        return [one for one in self.differences if one.part in ("metrics", "curve")]

    @property
    def is_same(self) -> bool:
        """Bit by bit: metrics, curve and, where they are kept, weights."""
        return not self.results and not self.different_weights


def repeat(folder: RunFolder, overrides: Sequence[str] = (), trust: bool = False) -> Repeat:
    """Run it once more, with places (data.root=...) changed by `overrides`.

    UntrustedError where it names code that this user has not allowed; `trust` allows it. YololabError where it is not
    done, or where an override would make it another run.
    """
    before = folder.record()
    if before is None:
        raise YololabError(f"{folder.path}: not done, so there is nothing to compare with; yololab run {folder.path}")
    again = _fresh_folder(folder)
    config = allowed(_config(folder, before, again, overrides), folder.path, trust)
    again.freeze(RunSpec(config, before.choices, before.overrides))
    after = run_planned(again)
    return Repeat(again, before, after, compare(before, after), different_weights(folder, again))


def _fresh_folder(folder: RunFolder) -> RunFolder:
    """runs/<study>-rerun/<id>, or -rerun-2, ... where that has been run."""
    study = folder.path.absolute().parent
    for number in range(1, 1000):
        suffix = "-rerun" if number == 1 else f"-rerun-{number}"
        path = study.with_name(study.name + suffix) / folder.name
        if not path.exists():
            return RunFolder(path)
    raise YololabError(f"{study}: 999 reruns are enough")


def _config(folder: RunFolder, record: RunRecord, again: RunFolder, overrides: Sequence[str]) -> dict[str, Any]:
    """That of the record, with the places that `overrides` change."""
    config = config_of(folder, record)
    own = OmegaConf.from_dotlist([*overrides, f"study.name={again.path.parent.name}"])
    changed = [key for key in flat(OmegaConf.to_container(own)) if is_science(key)]
    if changed:
        raise YololabError(f"rerun: {', '.join(changed)} would make it another run; only places may change")
    merged: Any = OmegaConf.to_container(OmegaConf.merge(config, own))
    merged["runtime"]["root"] = str(again.path.parent.parent)
    if not any(text.startswith("tracker") for text in overrides):
        merged["tracker"] = {TARGET: None}  # its W&B run is the record's own
    return merged

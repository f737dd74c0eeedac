"""`yololab rerun`: a finished record, run again and compared."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from omegaconf import OmegaConf

from yololab.cli.diff_command import print_differences
from yololab.config.identity import flat, is_science
from yololab.config.target import TARGET
from yololab.errors import ExitCode, YololabError
from yololab.run.find import config_of, find_run
from yololab.run.folder import RunFolder, RunSpec, allowed
from yololab.run.record import RunRecord
from yololab.run.start import run_planned
from yololab.study.compare import compare, different_weights
from yololab.terminal import say


def run(options: argparse.Namespace) -> int:
    """Run finished records once more in new folders and compare; DONE where every bit of all is the same."""
    names = [word for word in options.runs if "=" not in word]
    overrides = [word for word in options.runs if "=" in word]
    if not names:
        raise YololabError("rerun: name at least one run, as STUDY/RUN or by its id")
    folders = [find_run(name) for name in names]  # all of them, before the first one takes its time
    same = [rerun(folder, overrides, options.json, options.trust) for folder in folders]
    return ExitCode.DONE if all(same) else ExitCode.FAILED


def rerun(folder: RunFolder, overrides: Sequence[str], as_json: bool, trust: bool = False) -> bool:
    """Whether a finished record, run once more in a new folder, comes out the same, bit by bit.

    UntrustedError where it names code that this user has not allowed; `trust` allows it.
    """
    before = folder.record()
    if before is None:
        raise YololabError(f"{folder.path}: not done, so there is nothing to compare with; yololab run {folder.path}")
    again = _fresh_folder(folder)
    config = allowed(_config(folder, before, again, overrides), folder.path, trust)
    again.freeze(RunSpec(config, before.choices, before.overrides))
    after = run_planned(again)
    found = compare(before, after)
    weights = different_weights(folder, again)
    results = [d for d in found if d.part in ("metrics", "curve")]
    same = not results and not weights
    if as_json:
        content = {"folder": str(again.path), "same": same, "different_weights": weights}
        print(json.dumps(content | {"differences": [asdict(d) for d in found]}, indent=1))
        return same
    if same:
        compared = "metrics, curve and weights" if weights is not None else "metrics and curve"
        say(f"the same bits: {compared}; {again.path}")
    else:
        say(f"not the same: {len(results)} numbers differ; {again.path}")
    if found:
        print_differences(found, folder.name, "again")
    return same


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

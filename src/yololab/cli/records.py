"""yololab rerun, diff, gc, export: finished runs, compared, repeated, kept small, handed on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf
from rich.console import Console
from rich.table import Table

from yololab.errors import YololabError
from yololab.study.collect import removable
from yololab.study.compare import Difference, compare, compare_configs, different_weights
from yololab.study.export import write_parquet
from yololab.study.folder import CONFIG_FILE, FrozenCell, RunFolder, run_folders
from yololab.study.record import RunRecord, read_study

MOST_SHOWN = 40


def diff(first: RunFolder, second: RunFolder, as_json: bool) -> None:
    """Print everything in which two runs differ; of runs that are not done, the configuration."""
    one, other = first.record(), second.record()
    if one is not None and other is not None:
        found = compare(one, other)
    else:
        found = compare_configs(first.frozen().config, second.frozen().config)
    if as_json:
        print(json.dumps([asdict(difference) for difference in found], indent=1))
        return
    print_differences(found, first.name, second.name)


def print_differences(found: Sequence[Difference], first: str, second: str) -> None:
    """A table, the most important parts first; a long curve is cut and says so."""
    console = Console()
    if not found:
        console.print("no difference")
        return
    table = Table(title_justify="left")
    for heading in ("part", "key", first, second):
        table.add_column(heading, overflow="fold")
    for difference in found[:MOST_SHOWN]:
        table.add_row(difference.part, difference.key, str(difference.first), str(difference.second))
    console.print(table)
    if len(found) > MOST_SHOWN:
        console.print(f"and {len(found) - MOST_SHOWN} more; --json gives all")


def rerun(folder: RunFolder, overrides: Sequence[str], as_json: bool) -> bool:
    """Run a finished record once more in a new folder and compare; whether every bit is the same."""
    from yololab.run import run_folder

    before = folder.record()
    if before is None:
        raise YololabError(f"{folder.path}: not done, so there is nothing to compare with; yololab run {folder.path}")
    again = _fresh_folder(folder)
    again.freeze(FrozenCell(_config(folder, before, again, overrides), before.choices, before.overrides))
    after = run_folder(again)
    found = compare(before, after)
    weights = different_weights(folder, again)
    results = [d for d in found if d.part in ("metrics", "curve")]
    same = not results and not weights
    if as_json:
        content = {"folder": str(again.path), "same": same, "different_weights": weights}
        print(json.dumps(content | {"differences": [asdict(d) for d in found]}, indent=1))
        return same
    console = Console()
    if same:
        compared = "metrics, curve and weights" if weights is not None else "metrics and curve"
        console.print(f"the same bits: {compared}; {again.path}", soft_wrap=True)
    else:
        console.print(f"not the same: {len(results)} numbers differ; {again.path}", soft_wrap=True)
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
    """The frozen configuration, or one made of the record where only that was kept."""
    from yololab.config import compose

    if (folder.path / CONFIG_FILE).is_file():
        config: Any = dict(folder.frozen().config)
    else:
        config = OmegaConf.to_container(OmegaConf.merge(compose([]), dict(record.science)))
    own = OmegaConf.from_dotlist([*overrides, f"study.name={again.path.parent.name}"])
    science = {key for key in own if key not in ("runtime", "tracker", "study", "data", "trainer", "checkpoint")}
    if science:
        raise YololabError(f"rerun: {', '.join(map(str, science))} would make it another run; only places may change")
    merged: Any = OmegaConf.to_container(OmegaConf.merge(config, own))
    merged["runtime"]["root"] = str(again.path.parent.parent)
    if not any(text.startswith("tracker") for text in overrides):
        merged["tracker"] |= {"name": "none", "mode": "disabled"}  # its W&B run is the record's own
    return merged


def gc(study: Path, keep: str, dry_run: bool, as_json: bool) -> None:
    """Remove checkpoints of finished runs that the rule does not keep."""
    found = removable(run_folders(study), keep)
    if as_json:
        print(json.dumps([{"path": str(item.path), "bytes": item.size} for item in found], indent=1))
    total = sum(item.size for item in found) / 2**20
    for item in found:
        if not dry_run:
            item.path.unlink()
    if not as_json:
        verb = "would remove" if dry_run else "removed"
        Console().print(f"{verb} {len(found)} checkpoints, {total:.1f} MiB; records, curves and pictures stay")


def export(study: Path, path: Path | None) -> None:
    """Write all records of a study as Parquet."""
    records = read_study(study)
    if not records:
        raise YololabError(f"{study}: no finished run yet")
    written = write_parquet(records, path or study / "records.parquet")
    Console().print(f"{written}: {len(records)} records", soft_wrap=True)

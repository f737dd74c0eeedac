"""Run and study folders as a user names them on the command line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from yololab.config.identity import completed, is_science
from yololab.config.place import conf_dir
from yololab.config.target import TARGET
from yololab.errors import YololabError, did_you_mean
from yololab.run.folder import CONFIG_FILE, RUN_ID, RunFolder
from yololab.run.record import RESULTS_FILE, RunRecord
from yololab.run.spec import allowed

DEFAULT_ROOT = Path("runs")
WHOLE = ("backbone", "neck", "aux", "head")
"""Sections whose keys mean nothing beside those of another choice"""
RERUN = re.compile(r"-rerun(-\d+)?$")
"""Studies that yololab rerun makes"""


def config_of(folder: RunFolder, record: RunRecord) -> dict[str, Any]:
    """The configuration that a run's folder froze, or one made of its record where only that was kept."""
    if (folder.path / CONFIG_FILE).is_file():
        return dict(folder.spec().config)
    from yololab.config.compose import compose  # Hydra is slow to import, and most commands need none of it

    named = {group: record.choices.get(group) for group in ("model", "data")}
    config = compose([f"{g}={name}" for g, name in named.items() if (conf_dir() / g / f"{name}.yaml").is_file()])
    for key, part in record.science.items():
        config[key] = _joined(key, config.get(key), part)
    return completed(config)


def _joined(key: str, before: Any, part: Any) -> Any:
    """A section as it was recorded, with the places that no record has; an earlier version's lacks what came later."""
    if not isinstance(part, dict) or not isinstance(before, dict):
        return part
    if key in WHOLE or part.get(TARGET) != before.get(TARGET):
        return {**{name: value for name, value in before.items() if not is_science(f"{key}.{name}")}, **part}
    return {**before, **part}


def recorded(folder: RunFolder, record: RunRecord, trust: bool = False) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Configuration and classes of a finished run. UntrustedError where it names code that nobody here allowed."""
    from yololab.config.check import check

    config = config_of(folder, record)
    check(config)
    return allowed(config, folder.path, trust), tuple(record.classes or record.per_class)


def find_study(name: str) -> Path:
    """A study by its path, or by its name under runs/. YololabError that suggests the nearest one."""
    for path in (Path(name), DEFAULT_ROOT / name):
        if path.is_dir():
            return path
    roots = [DEFAULT_ROOT] if DEFAULT_ROOT.is_dir() else []
    known = [path.name for root in roots for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")]
    raise YololabError(f"{name}: no such study folder; expected runs/<study>{did_you_mean(Path(name).name, known)}")


def find_run(name: str) -> RunFolder:
    """A run by its path, as <study>/<run> under runs/, or by its id alone. YololabError that suggests the nearest one,
    or lists the studies that hold a run of this id."""
    every = sorted(DEFAULT_ROOT.glob(f"*/{name}")) if RUN_ID.fullmatch(name) else []
    alone = [path for path in every if not RERUN.search(path.parent.name)] or every
    for path in (Path(name), DEFAULT_ROOT / name, *(alone if len(alone) == 1 else ())):
        if (path / CONFIG_FILE).is_file() or (path / RESULTS_FILE).is_file():
            return RunFolder(path)
    if len(alone) > 1:
        raise YololabError(f"{name}: stands in several studies; say which: {', '.join(map(str, alone))}")
    if any(path.is_dir() for path in (Path(name), DEFAULT_ROOT / name)):
        raise YololabError(f"{name}: a study, or a folder that is no run; name one of its runs: {name}/<run id>")
    study = Path(name).parent
    roots = [root for root in (study, DEFAULT_ROOT / study) if root.is_dir()]
    known = [path.name for root in roots for path in root.iterdir() if path.is_dir()]
    raise YololabError(f"{name}: no such run; expected <study>/<run id>{did_you_mean(Path(name).name, known)}")

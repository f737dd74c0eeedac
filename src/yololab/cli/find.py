"""Run and study folders as a user names them on the command line."""

from __future__ import annotations

from pathlib import Path

from yololab.errors import YololabError, did_you_mean
from yololab.run.folder import CONFIG_FILE, RunFolder
from yololab.run.record import RESULTS_FILE

DEFAULT_ROOT = Path("runs")


def find_study(name: str) -> Path:
    """A study by its path, or by its name under runs/. YololabError that suggests the nearest one."""
    for path in (Path(name), DEFAULT_ROOT / name):
        if path.is_dir():
            return path
    roots = [DEFAULT_ROOT] if DEFAULT_ROOT.is_dir() else []
    known = [path.name for root in roots for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")]
    raise YololabError(f"{name}: no such study folder; expected runs/<study>{did_you_mean(Path(name).name, known)}")


def find_run(name: str) -> RunFolder:
    """A run by its path, or as <study>/<run> under runs/. YololabError that suggests the nearest one."""
    for path in (Path(name), DEFAULT_ROOT / name):
        if (path / CONFIG_FILE).is_file() or (path / RESULTS_FILE).is_file():
            return RunFolder(path)
    study = Path(name).parent
    roots = [root for root in (study, DEFAULT_ROOT / study) if root.is_dir()]
    known = [path.name for root in roots for path in root.iterdir() if path.is_dir()]
    raise YololabError(f"{name}: no such run; expected <study>/<run id>{did_you_mean(Path(name).name, known)}")

"""Modules that lie in the current folder are not imported in the place of others, by no command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from command import SMOKE, TRAIN
from study.case import record
from timing import patience

NAMES = (
    "hydra",
    "omegaconf",
    "numpy",
    "torch",
    "rich",
    "yaml",
    "multiprocessing",
    "lightning",
    "wandb",
    "sitecustomize",
)
YOLOLAB = Path(sys.executable).with_name("yololab")


@pytest.fixture
def place(tmp_path):
    """A folder with a finished study in which modules leave a mark where they are imported."""
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'a').write({name!r})\n")
    (tmp_path / "hydra_plugins").mkdir()
    (tmp_path / "hydra_plugins" / "evil.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'a').write('plugin')\n")
    for seed in range(2):
        for attention in ("none", "eca"):
            one = record(seed, 0.5, attention=attention)
            path = tmp_path / "runs" / "s" / one.run_id
            path.mkdir(parents=True)
            one.write(path)
    return tmp_path


@pytest.mark.skipif(not YOLOLAB.is_file(), reason="the command is not installed beside this Python")
@pytest.mark.parametrize(
    "words",
    [
        ["status", "s"],
        ["table", "s"],
        ["records", "s"],
        ["benchmark", "--help"],
        ["gc", "s", "--dry-run"],
        ["plan", *SMOKE],
        ["train", "-m", *SMOKE],
        ["train.py", *SMOKE],
    ],
    ids=lambda words: words[0],
)
def test_a_command_imports_nothing_from_the_current_folder(place, words):
    start = [sys.executable, str(TRAIN)] if words[0] == "train.py" else [str(YOLOLAB), words[0]]
    done = subprocess.run(
        [*start, *words[1:]], cwd=place, capture_output=True, text=True, timeout=patience(300), check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert not (place / "imported").exists(), (place / "imported").read_text()

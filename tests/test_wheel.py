"""What `pip install yololab` gives: the wheel, unpacked and used where no checkout is in sight."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from timing import patience

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=patience(120))
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def installed(site: Path, cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`yololab WORDS`, imported from the wheel."""
    code = "import sys, yololab; sys.stderr.write(yololab.__file__ + '\\n'); from yololab.cli.main import main; main()"
    command = [sys.executable, "-c", code, *words]
    environment = {**os.environ, "PYTHONPATH": str(site)}
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=patience(300), env=environment
    )


def test_the_wheel_holds_every_choice_of_conf(site):
    ours = {path.relative_to(ROOT / "conf") for path in (ROOT / "conf").rglob("*.yaml")}
    theirs = {path.relative_to(site / "yololab" / "conf") for path in (site / "yololab" / "conf").rglob("*.yaml")}
    assert ours == theirs
    assert (site / "hydra_plugins").is_dir()


def test_a_sweep_by_the_wheel_ends_in_a_table(site, tmp_path):
    words = ("train", "-m", "experiment=smoke", "recipe.epochs=1", "attention=none,eca", "tracker=none")
    done = installed(site, tmp_path, *words)
    assert done.returncode == 0, done.stderr
    assert str(site) in done.stderr.splitlines()[0]
    assert "Study smoke" in done.stdout
    assert (tmp_path / "runs" / "smoke" / "table.md").is_file()


def test_what_to_type_is_what_the_wheel_has(site, tmp_path):
    done = installed(site, tmp_path, "train")
    assert done.returncode == 0, done.stderr
    assert "  yololab train experiment=smoke" in done.stdout
    assert "train.py" not in done.stdout

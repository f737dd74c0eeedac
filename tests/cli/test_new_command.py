"""Every part that is begun by `yololab new` builds, trains and passes its own test."""

from __future__ import annotations

import subprocess
import sys

import pytest

from command import SMOKE, yololab
from timing import patience
from yololab.cli.new_command import FOLDERS


@pytest.mark.parametrize("kind", sorted(FOLDERS))
def test_a_part_in_a_folder_of_ones_own_trains_and_passes_its_test(tmp_path, kind):
    done = yololab("new", kind, "my_part", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert {"parts/my_part.py", f"conf/{kind}/my_part.yaml", "tests/test_my_part.py"} <= set(said)
    words = next(line for line in said if line.startswith("yololab train")).split()[2:]
    command = [sys.executable, "-m", "yololab.cli.main", "train", *words, *SMOKE[1:]]
    trained = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=patience(300), check=False)
    assert trained.returncode == 0, trained.stderr[-2000:]
    assert "done in" in trained.stdout
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_my_part.py"],
        cwd=tmp_path, capture_output=True, text=True, timeout=patience(300), check=False,
    )  # fmt: skip
    assert tested.returncode == 0, tested.stdout[-2000:]
    again = yololab("new", kind, "my_part", cwd=tmp_path)
    assert again.returncode == 2
    assert "nothing is overwritten" in " ".join(again.stderr.split())


def test_in_yololab_itself_the_files_go_where_the_house_has_them(tmp_path):
    (tmp_path / "src" / "yololab" / "losses").mkdir(parents=True)
    (tmp_path / "conf" / "loss").mkdir(parents=True)
    done = yololab("new", "loss", "mine", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "src" / "yololab" / "losses" / "mine.py").is_file()
    assert (tmp_path / "tests" / "losses" / "test_mine.py").is_file()
    assert "yololab.losses.mine.Mine" in (tmp_path / "conf" / "loss" / "mine.yaml").read_text()
    assert "--config-dir" not in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("atention", "a"), "did you mean 'attention'"),
        (("loss", "My-Loss"), "expected a name as modules have it"),
        (("loss", "class"), "expected a name as modules have it"),
        (("loss", "../a"), "expected a name as modules have it"),
        (("loss", "ciou"), "yololab has a choice of this name"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, words, message):
    done = yololab("new", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert list(tmp_path.iterdir()) == []

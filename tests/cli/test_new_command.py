"""Every part that is begun by `yololab new` builds, trains and passes its own test."""

from __future__ import annotations

import subprocess
import sys

import pytest

from command import SMOKE, yololab
from timing import patience
from yololab.cli.new_command import FOLDERS


def test_parts_in_a_folder_of_ones_own_train_together_and_pass_their_tests(tmp_path):
    words = []
    for kind in FOLDERS:
        done = yololab("new", kind, f"my_{kind}", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        said = done.stdout.splitlines()
        assert {f"parts/my_{kind}.py", f"conf/{kind}/my_{kind}.yaml", f"tests/test_my_{kind}.py"} <= set(said)
        line = next(line for line in said if line.startswith("yololab train"))
        assert line == f"yololab train --config-dir conf {kind}=my_{kind} runtime.trust=[parts] experiment=smoke"
        words.append(f"{kind}=my_{kind}")
        again = yololab("new", kind, f"my_{kind}", cwd=tmp_path)
        assert again.returncode == 2
        assert "nothing is overwritten" in " ".join(again.stderr.split())
    # In processes of their own: this one has looked for the package `parts` before it was there.
    command = [
        sys.executable,
        "-m",
        "yololab.cli.main",
        "train",
        "--config-dir",
        "conf",
        *SMOKE,
        "runtime.trust=[parts]",
    ]
    trained = run_in(tmp_path, [*command, *words])
    assert "done in" in trained.stdout
    run_in(tmp_path, [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"])


def run_in(folder, command):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=patience(300), check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
    return done


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

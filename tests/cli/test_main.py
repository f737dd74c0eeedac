from __future__ import annotations

import pytest

from command import yololab


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["profile", "attention=cbm"], "did you mean 'cbam'"),
        (["table", "/no/such/study"], "no such study folder"),
        (["tabel"], "there is no command 'tabel'; did you mean 'table'"),
    ],
)
def test_errors_are_one_line_and_exit_with_2(arguments, message):
    done = yololab(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["statsu", "smoke"], "there is no command 'statsu'; did you mean 'status'?"),
        (["status", "smke"], "smke: no such study folder; expected runs/<study>; did you mean 'smoke'?"),
        (["run", "smoke/r000"], "smoke/r000: no such run; expected <study>/<run id>"),
        (["retry", "smoke", "--run", "rffff"], "there is no run rffff"),
        (["plan", "seed=0,1", "study.zip=[[seed,head]]"], "study.zip: 'head' is not swept"),
        (["plan", "seed=0,1", 'study.exclude=["sed=1"]'], "no run has 'sed'; did you mean 'seed'?"),
        (["plan", "seed=0,1", "study.design=hlaf"], "study.design=hlaf: expected one of"),
        (["plan", "seed=0,"], "seed=0, ends with a comma"),
        (["plan", "seed=0,1", "--config-dir", "nowhere"], "--config-dir nowhere: no such folder"),
        (["wandb-sweep", "experiment=smoke"], "nothing is swept"),
    ],
)
def test_mistakes_are_answered_with_what_was_expected(place, arguments, message):
    done = yololab(*arguments, cwd=place)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_the_version_is_told():
    assert yololab("--version").stdout.startswith("yololab 0.")

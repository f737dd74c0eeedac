from __future__ import annotations

import pytest

from yololab.cli.find import find_run, find_study
from yololab.errors import YololabError


@pytest.fixture(autouse=True)
def runs(tmp_path, monkeypatch):
    folder = tmp_path / "runs" / "demo" / "r0123456789"
    folder.mkdir(parents=True)
    (folder / "config.yaml").touch()
    monkeypatch.chdir(tmp_path)


def test_a_study_is_found_by_its_name_and_by_its_path():
    assert find_study("demo").resolve() == find_study("runs/demo").resolve()
    with pytest.raises(YololabError, match=r"dmo: no such study folder; expected runs/<study>; did you mean 'demo'"):
        find_study("dmo")


def test_a_run_is_found_by_study_and_id_and_by_its_path():
    assert find_run("demo/r0123456789").name == find_run("runs/demo/r0123456789").name == "r0123456789"
    with pytest.raises(YololabError, match=r"no such run; expected <study>/<run id>; did you mean 'r0123456789'"):
        find_run("demo/r0123456788")

from __future__ import annotations

import platform
import subprocess

from yololab.run import provenance
from yololab.run.provenance import git_state, library_versions, machine, peak_memory


def test_versions_of_what_may_change_a_number_are_told():
    found = library_versions()
    assert found["python"] == platform.python_version()
    assert {"torch", "numpy", "lightning"} <= found.keys()


def test_the_machine_is_told_without_its_name():
    assert machine().keys() == {"system", "processor", "cores", "threads", "gpus", "waiting"}
    assert platform.node() not in map(str, machine().values())


def test_peak_memory_is_in_bytes():
    assert 2**26 < peak_memory()["process"] < 2**40


def checkout(folder, monkeypatch):
    def git(*words):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)

    (folder / "package").mkdir()
    (folder / "package" / "a.py").write_text("a = 1\n")
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "first")
    monkeypatch.setattr(provenance, "__file__", str(folder / "package" / "provenance.py"))


def test_uncommitted_changes_are_kept_and_told_apart(tmp_path, monkeypatch):
    checkout(tmp_path, monkeypatch)
    clean = git_state()
    assert len(clean["commit"]) == 40
    assert clean["dirty"] is None
    (tmp_path / "package" / "a.py").write_text("a = 2\n")
    out = tmp_path.parent / f"{tmp_path.name}-out"
    out.mkdir()
    changed = git_state(out)
    assert changed["commit"] == clean["commit"]
    assert "+a = 2" in (out / changed["diff"]).read_text()
    (tmp_path / "package" / "new.py").write_text("b = 1\n")
    assert git_state()["dirty"] not in (None, changed["dirty"])


def test_outside_of_a_checkout_there_is_no_commit(tmp_path, monkeypatch):
    monkeypatch.setattr(provenance, "__file__", str(tmp_path / "provenance.py"))
    assert git_state() == {"commit": None, "dirty": None}

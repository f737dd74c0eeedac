"""Nothing outside of a study is removed or written, wherever its links point."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from command import SMOKE, yololab
from study.case import record
from yololab.cli.plan_command import plan_of
from yololab.errors import YololabError
from yololab.run.folder import RunFolder
from yololab.study.output import write_study


@pytest.fixture
def outside(tmp_path):
    """A folder of somebody's that looks like a finished run."""
    folder = tmp_path / "elsewhere"
    one = record(9, 0.5)
    (folder / "checkpoints").mkdir(parents=True)
    one.write(folder)
    (folder / "config.yaml").write_text("{}")
    (folder / "spec.json").write_text(json.dumps({"choices": {}, "overrides": []}))
    for name in ("best.ckpt", "last.ckpt", "precious.ckpt"):
        (folder / "checkpoints" / name).write_text("precious")
    (folder / "checkpoints" / ".last.ckpt.999999999.tmp").write_text("precious")
    return folder


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def done_run(study, one):
    path = study / one.run_id
    (path / "checkpoints").mkdir(parents=True)
    one.write(path)
    (path / "config.yaml").write_text("{}")
    return path


@pytest.mark.parametrize("link", ["run folder", "checkpoints", "one checkpoint"])
@pytest.mark.parametrize("keep", ["best", "none"])
def test_gc_follows_no_link(tmp_path, outside, link, keep):
    study = tmp_path / "runs" / "s"
    path = done_run(study, record(0, 0.5))
    (path / "checkpoints" / "last.ckpt").write_text("mine")
    other = done_run(study, record(1, 0.5))
    if link == "run folder":
        shutil.rmtree(other)
        other.symlink_to(outside)
    elif link == "checkpoints":
        (other / "checkpoints").rmdir()
        (other / "checkpoints").symlink_to(outside / "checkpoints")
    else:
        (other / "checkpoints" / "last.ckpt").symlink_to(outside / "checkpoints" / "precious.ckpt")
        (other / "checkpoints" / "gone.ckpt").symlink_to(tmp_path / "nowhere")
        (other / "checkpoints" / "folder.ckpt").mkdir()
    before = contents(outside)
    done = yololab("gc", study, "--keep", keep)
    assert done.returncode == 0, done.stderr
    assert "removed 1 checkpoints" in done.stdout
    assert contents(outside) == before
    if link != "one checkpoint":
        assert "link to elsewhere" in " ".join(done.stdout.split())


@pytest.mark.parametrize("name", [".", "checkpoints", "claims", "predictions", "log.txt", "metrics.csv"])
def test_a_run_writes_through_no_link(tmp_path, outside, name):
    made = plan_of([*SMOKE, f"runtime.root={tmp_path / 'runs'}"])
    made.freeze()
    folder = made.planned[0].folder
    target = outside if name == "." else outside / name
    if not target.exists():
        target.mkdir() if "." not in name else target.write_text("precious")
    place = folder.path if name == "." else folder.path / name
    if place.is_dir():
        shutil.rmtree(place)
    place.symlink_to(target)
    before = contents(outside)
    for words in (
        ["train", *SMOKE, f"runtime.root={tmp_path / 'runs'}"],
        ["run", folder.path],
        ["retry", tmp_path / "runs" / "smoke"],
    ):
        done = yololab(*words, cwd=tmp_path)
        assert done.returncode != 0 or name == "."
        assert "Traceback" not in done.stderr, done.stderr
        assert contents(outside) == before


def test_running_anew_clears_links_and_not_what_they_point_to(tmp_path, outside):
    path = done_run(tmp_path / "s", record(0, 0.5))
    (path / "mine.txt").write_text("x")
    (path / "data").symlink_to(outside)
    before = contents(outside)
    RunFolder(path).clear()
    assert list(path.iterdir()) == []
    assert contents(outside) == before
    (tmp_path / "s" / "link").symlink_to(outside)
    with pytest.raises(YololabError, match="a link to elsewhere"):
        RunFolder(tmp_path / "s" / "link").clear()
    assert contents(outside) == before


def test_files_of_a_study_replace_links_and_not_what_they_point_to(tmp_path, outside):
    study = tmp_path / "s"
    for seed in range(2):
        done_run(study, record(seed, 0.5, attention="none"))
    names = ("figure.png", "table.md", "table.csv", "table.json")
    for name in names:
        os.symlink(outside / "checkpoints" / "precious.ckpt", study / name)
    before = contents(outside)
    write_study(study)
    assert contents(outside) == before
    assert not any((study / name).is_symlink() for name in names)

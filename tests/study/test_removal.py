from __future__ import annotations

import pytest

from study.case import record
from yololab.run.claim import take
from yololab.run.folder import RunFolder
from yololab.study.removal import KEEP, Rule, removable, room


def run(root, name, done=True):
    folder = RunFolder(root / name)
    folder.checkpoints.mkdir(parents=True)
    for file in ("last.ckpt", "best.ckpt"):
        (folder.checkpoints / file).write_bytes(b"12345")
    if done:
        record().write(folder.path)
    return folder


@pytest.mark.parametrize("keep", KEEP)
def test_only_checkpoints_that_the_rule_does_not_keep_may_go(tmp_path, keep):
    found = removable([run(tmp_path, "r0")], Rule(keep))
    assert {item.path.name for item in found} == {"last.ckpt", "best.ckpt"} - set(KEEP[keep])
    assert {item.size for item in found} == {5}


def test_runs_that_are_not_done_or_that_somebody_runs_keep_theirs(tmp_path):
    held = run(tmp_path, "r1")
    take(held.path, 0)
    assert removable([run(tmp_path, "r0", done=False), held], Rule("none")) == []


def test_pictures_beyond_a_number_and_uploaded_folders_go_where_that_is_asked(tmp_path):
    folder = run(tmp_path, "r0")
    (folder.path / "predictions").mkdir()
    for name in "abc":
        (folder.path / "predictions" / f"{name}.jpg").write_bytes(b"123")
    done, waiting = (folder.path / "wandb" / f"offline-run-2026010{i}_000000-r0" for i in (1, 2))
    for place in (done, waiting):
        (place / "files").mkdir(parents=True)
        (place / "run-r0.wandb").write_bytes(b"1234567")
        (place / "files" / "config.yaml").write_bytes(b"1")
    (done / "run-r0.wandb.synced").touch()
    (done / "files" / "link").symlink_to(tmp_path / "elsewhere")

    assert {item.kind for item in removable([folder], Rule())} == {"checkpoints"}
    found = removable([folder], Rule("best", pictures=1, uploaded=False))
    assert [item.path.name for item in found if item.kind == "pictures"] == ["b.jpg", "c.jpg"]
    gone = {item.path for item in found if item.kind == "trackers"}
    assert gone == {done / "run-r0.wandb", done / "files" / "config.yaml"}


def test_room_is_told_by_kind(tmp_path):
    folder = run(tmp_path, "r0")
    (folder.path / "predictions").mkdir()
    (folder.path / "predictions" / "a.jpg").write_bytes(b"123")
    (tmp_path / "wandb").mkdir()
    (tmp_path / "wandb" / "x").write_bytes(b"12")
    (tmp_path / "table.md").write_bytes(b"1")
    (folder.path / "log.txt").symlink_to(tmp_path / "table.md")
    record_size = (folder.path / "results.json").stat().st_size
    assert room(tmp_path, [folder]) == {"records": record_size + 1, "checkpoints": 10, "pictures": 3, "trackers": 2}

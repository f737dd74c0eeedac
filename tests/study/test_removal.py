from __future__ import annotations

import pytest

from study.case import record
from yololab.run.claim import take
from yololab.run.folder import RunFolder
from yololab.study.removal import KEEP, removable


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
    found = removable([run(tmp_path, "r0")], keep)
    assert {item.path.name for item in found} == {"last.ckpt", "best.ckpt"} - set(KEEP[keep])
    assert {item.size for item in found} == {5}


def test_runs_that_are_not_done_or_that_somebody_runs_keep_theirs(tmp_path):
    held = run(tmp_path, "r1")
    take(held.path, 0)
    assert removable([run(tmp_path, "r0", done=False), held], "none") == []

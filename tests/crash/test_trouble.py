"""A full disk, a read-only folder, damaged files: refused or recovered from, finished results untouched."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from command import yololab
from crash.disk import MIB, small_disk
from yololab.config.compose import compose
from yololab.errors import YololabError
from yololab.run.claim import take
from yololab.run.folder import RunFolder, RunSpec
from yololab.run.start import HeldError, run, run_planned
from yololab.training.stop import Interrupted

SMOKE = ["experiment=smoke", "runtime.progress=false", "tracker=none"]


def train(*overrides):
    return yololab("train", *SMOKE, *overrides)


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk", 24 * MIB) as mounted:
        yield mounted


def test_a_full_disk_is_named_and_the_same_command_goes_on_when_there_is_room(disk):
    done = train(f"runtime.root={disk.path}", "recipe.epochs=3")
    assert done.returncode == 2, done.stderr[-2000:]
    assert "the checkpoint cannot be written" in done.stderr
    assert "make room, then the same command continues" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert not list(disk.path.rglob("*.tmp"))
    disk.resize(200 * MIB)
    again = train(f"runtime.root={disk.path}", "recipe.epochs=3")
    assert again.returncode == 0, again.stderr[-2000:]


def test_a_sweep_on_a_full_disk_says_why_each_run_failed(disk):
    done = yololab("train", "-m", *SMOKE, f"runtime.root={disk.path}", "seed=0,1", "recipe.epochs=3")
    told = " ".join(done.stderr.split())
    assert done.returncode == 1, told[-2000:]
    assert "2 of 2 runs are not done" in told
    assert told.count("the checkpoint cannot be written") == 2
    assert "no message" not in told
    assert "Traceback" not in told


FILLING = """
import os
from yololab.attention import ECA

class Fills(ECA):
    def forward(self, x):
        if self.training and x.device.type == "cpu":
            with open({file!r}, "wb", buffering=0) as stream:
                try:
                    while stream.write(bytes(4096)):
                        pass
                except OSError:
                    pass
            raise RuntimeError("broken on a full disk")
        return super().forward(x)
"""


def test_a_disk_without_room_for_a_word_does_not_hide_the_reason(disk, tmp_path, monkeypatch):
    (tmp_path / "filling.py").write_text(FILLING.format(file=str(disk.path / "filler")))
    monkeypatch.syspath_prepend(tmp_path)
    part = ("attention=eca", "attention._target_=filling.Fills")
    done = yololab("train", "-m", *SMOKE, f"runtime.root={disk.path}", "seed=0,1", *part)
    told = " ".join(done.stderr.split())
    assert done.returncode == 1, told[-2000:]
    assert "2 of 2 runs are not done" in told
    assert "broken on a full disk" in told
    assert "No space left on device" in told, "the other could not even begin"
    assert "no message" not in told
    assert "Traceback" not in told


def test_a_file_system_that_cannot_be_written_is_named_and_finished_results_stay(disk):
    disk.resize(200 * MIB)
    assert train(f"runtime.root={disk.path}").returncode == 0
    (results,) = disk.path.glob("smoke/*/results.json")
    before = results.read_bytes()
    disk.forbid_writing(True)
    done = train(f"runtime.root={disk.path}", "seed=1")
    assert done.returncode == 2
    assert "Read-only file system" in done.stderr
    assert "Traceback" not in done.stderr
    assert train(f"runtime.root={disk.path}").returncode == 0, "a finished run needs no writing"
    assert results.read_bytes() == before


def smoke(root, *overrides):
    return run(RunSpec(compose([*SMOKE, f"runtime.root={root}", *overrides]), {}, []))


@pytest.fixture(scope="module")
def stopped(tmp_path_factory):
    """A run of three epochs that was stopped in its second, and what it would have become."""
    from yololab.training.checkpoints import LastCheckpoint

    root = tmp_path_factory.mktemp("stopped")
    whole = smoke(root / "whole", "recipe.epochs=3")
    original = LastCheckpoint.on_train_batch_end

    def stop_in_the_second(self, trainer, *arguments):
        if trainer.current_epoch == 1:
            self.stop.ask("test")
        original(self, trainer, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LastCheckpoint, "on_train_batch_end", stop_in_the_second)
        with pytest.raises(Interrupted):
            smoke(root / "cut", "recipe.epochs=3")
    folder = RunFolder(root / "cut" / "smoke" / whole.run_id)
    assert folder.status().state == "interrupted"
    return whole, folder


@pytest.fixture
def interrupted(stopped, tmp_path):
    """The same with a copy of the folder, which a test may damage."""
    whole, folder = stopped
    return whole, RunFolder(Path(shutil.copytree(folder.path, tmp_path / "smoke" / folder.name)))


def test_a_run_stopped_within_an_epoch_ends_with_the_same_numbers(interrupted):
    whole, folder = interrupted
    resumed = run_planned(folder)
    assert resumed.metrics == whole.metrics
    assert [row["epoch"] for row in resumed.curve] == [0.0, 1.0, 2.0]
    for mine, other in zip(resumed.curve, whole.curve, strict=True):
        assert {k: v for k, v in mine.items() if k != "seconds"} == {k: v for k, v in other.items() if k != "seconds"}
    assert resumed.attempts == 2


@pytest.mark.parametrize("keep", [0, 1000, 0.9], ids=["empty", "a thousand bytes", "most of it"])
def test_a_truncated_checkpoint_starts_the_run_anew_and_says_so(interrupted, keep, capsys):
    whole, folder = interrupted
    size = folder.last_checkpoint.stat().st_size
    os.truncate(folder.last_checkpoint, int(keep * size) if keep < 1 else keep)
    assert run_planned(folder).metrics == whole.metrics
    assert "last.ckpt is damaged" in capsys.readouterr().out.replace("\n", "")


@pytest.mark.parametrize("name", ["status.json", "metrics.csv", "spec.json"])
def test_other_damaged_files_are_recovered_from_or_refused(interrupted, name):
    whole, folder = interrupted
    os.truncate(folder.path / name, 7)
    if name == "spec.json":
        with pytest.raises(YololabError, match=r"its configuration cannot be read .*; plan it again"):
            run_planned(folder)
    else:
        assert run_planned(folder).metrics == whole.metrics


def test_a_folder_whose_data_changed_since_it_was_planned_is_refused(interrupted):
    _, folder = interrupted
    config = folder.path / "config.yaml"
    config.write_text(config.read_text().replace("train: 16", "train: 17"))
    with pytest.raises(YololabError, match="have changed since it was planned"):
        run_planned(folder)
    assert json.loads((folder.path / "status.json").read_text())["state"] == "failed"


def test_a_run_that_somebody_runs_is_left_alone(interrupted):
    _, folder = interrupted
    take(folder.path, 1)
    with pytest.raises(HeldError, match="runs it now"):
        run_planned(folder)


def test_a_done_run_is_never_run_again_by_its_folder(tmp_path):
    record = smoke(tmp_path, "recipe.epochs=1")
    folder = RunFolder(tmp_path / "smoke" / record.run_id)
    before = (folder.path / "results.json").read_bytes()
    assert run_planned(folder) == record
    assert (folder.path / "results.json").read_bytes() == before

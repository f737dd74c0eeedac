from __future__ import annotations

import resource
import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch

from command import TRAIN
from timing import patience
from yololab.data import shared_memory
from yololab.data.shared_memory import MIB, batch_bytes, decide_workers, free_bytes, share_by_name_where_files_are_few
from yololab.errors import ConfigError

BATCH = batch_bytes(32, 640, with_masks=False)


def with_free(monkeypatch, free):
    monkeypatch.setattr(shared_memory, "free_bytes", lambda: free)


def test_a_batch_is_its_images_and_maps():
    assert BATCH == 32 * 3 * 640 * 640
    assert batch_bytes(2, 64, with_masks=True) == 2 * (3 * 64 * 64 + 4 * 16 * 16)


def test_free_memory_is_asked_of_the_system(monkeypatch, tmp_path):
    assert free_bytes() is None or free_bytes() > 0
    monkeypatch.setattr(shared_memory, "SHARED", tmp_path / "missing")
    assert free_bytes() is None


@pytest.mark.parametrize("free", [None, 100 * BATCH])
def test_where_there_is_room_or_nothing_to_ask_what_is_asked_for_is_had(monkeypatch, free):
    with_free(monkeypatch, free)
    assert decide_workers(4, BATCH) == (4, None)
    assert decide_workers(0, BATCH) == (0, None)


def test_a_number_that_does_not_fit_is_refused_with_one_that_does(monkeypatch):
    with_free(monkeypatch, 6 * BATCH)
    assert decide_workers(2, BATCH) == (2, None)
    with pytest.raises(
        ConfigError, match=r"runtime.workers=3: 3 workers need 300 MiB .* has 225 free; .*workers=2, or"
    ):
        decide_workers(3, BATCH)


@pytest.mark.parametrize(("free", "fits"), [(6 * BATCH, 2), (64 * MIB, 0), (0, 0)])
def test_auto_is_lowered_and_said(monkeypatch, free, fits):
    with_free(monkeypatch, free)
    monkeypatch.setattr(shared_memory, "_auto", lambda: 8)
    workers, remark = decide_workers("auto", BATCH)
    assert workers == fits
    assert f": {fits} instead" in remark
    assert "--shm-size" in remark


@pytest.mark.parametrize(("limit", "strategy"), [(64, "file_system"), (1024, None), (resource.RLIM_INFINITY, None)])
def test_tensors_are_shared_by_name_where_few_files_may_be_open(monkeypatch, limit, strategy):
    chosen = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    monkeypatch.setattr(torch, "multiprocessing", SimpleNamespace(set_sharing_strategy=chosen.append))
    share_by_name_where_files_are_few(4)
    assert chosen == ([strategy] if strategy else [])


def in_small_shared_memory(command, size):
    """Run where /dev/shm has `size`, as in a container."""
    mount = f"mount -t tmpfs -o size={size} tmpfs /dev/shm"
    if subprocess.run(["unshare", "-m", "sh", "-c", mount], capture_output=True, check=False).returncode:
        pytest.skip("a small /dev/shm needs root")
    script = ["unshare", "-m", "sh", "-c", f'{mount} && exec "$@"', "sh", *command]
    return subprocess.run(script, capture_output=True, text=True, timeout=patience(120), check=False)


def test_a_run_on_small_shared_memory_is_refused_before_it_hangs(tmp_path):
    run = ["experiment=smoke", "tracker=none", "image_size=640", f"runtime.root={tmp_path}", "runtime.workers=2"]
    done = in_small_shared_memory([sys.executable, str(TRAIN), *run], "8m")
    assert done.returncode == 2, done.stderr[-2000:]
    told = " ".join(done.stderr.split())
    assert "runtime.workers=2: 2 workers need 56 MiB of shared memory and /dev/shm has 8 free" in told
    assert "write runtime.workers=0, or: docker run --shm-size=2g" in told


FILLED = """
from yololab.config.compose import compose
from yololab.data import shared_memory
from yololab.run.folder import RunSpec
from yololab.run.start import run
shared_memory.free_bytes = lambda: None
overrides = ["experiment=smoke", "tracker=none", "image_size=640", "runtime.root={root}", "runtime.workers=2"]
try:
    run(RunSpec(compose(overrides), {{}}, []))
except Exception as error:
    print(type(error).__name__, error)
"""


def test_shared_memory_that_runs_full_all_the_same_ends_the_run_with_a_word(tmp_path):
    done = in_small_shared_memory([sys.executable, "-c", FILLED.format(root=tmp_path)], "8m")
    assert "MachineError shared memory (/dev/shm) ran full" in done.stdout, done.stderr[-2000:]

from __future__ import annotations

import errno
import os
import signal

import pytest
import torch

from yololab.config.compose import compose
from yololab.data.dataset import TrainDataset
from yololab.errors import ConfigError, RunFailed, YololabError
from yololab.run.folder import RunFolder, RunSpec
from yololab.run.machine_error import MachineError, in_words
from yololab.run.start import run

CONFIG = {"recipe": {"batch_size": 16, "accumulate": 2}}
GPU = "CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 79.11 GiB"
SHARED = (
    "Caught RuntimeError in DataLoader worker process 0.\nOriginal Traceback\nRuntimeError: unable to allocate shared "
    "memory(shm) for file </torch_123_456_0>: No space left on device (28)"
)
BUS = "DataLoader worker (pid 77) is killed by signal: Bus error. It is possible that dataloader's workers are out of"
KILLED = "DataLoader worker (pid 77) is killed by signal: Killed. "
ENDED = "DataLoader worker (pid(s) 7, 8) exited unexpectedly"
CPU = "[enforce fail at alloc_cpu.cpp:121] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to"

TROUBLE = [
    (torch.OutOfMemoryError(GPU), "the GPU ran out of memory (it wanted 2.50 GiB more); recipe.batch_size=8 rec"),
    (RuntimeError("CUDA error: out of memory"), "the GPU ran out of memory; recipe.batch_size=8 recipe.accumulate=4"),
    (RuntimeError("CUBLAS_STATUS_ALLOC_FAILED when calling"), "the GPU ran out of memory"),
    (RuntimeError(SHARED), "shared memory (/dev/shm) ran full"),
    (RuntimeError("unable to write to file </torch_12_34_5>: No space left on device (28)"), "shared memory"),
    (RuntimeError(BUS), "shared memory (/dev/shm) ran full"),
    (RuntimeError(CPU), "the machine ran out of memory"),
    (MemoryError(), "the machine ran out of memory"),
    (OSError(errno.ENOMEM, "Cannot allocate memory"), "the machine ran out of memory"),
    (RuntimeError(KILLED), "the worker process 77 that prepares batches was killed (Killed)"),
    (RuntimeError(ENDED), "the worker process 7, 8 that prepares batches ended"),
    (RuntimeError("DataLoader timed out after 600 seconds"), "no batch came from the workers for 600 s"),
    (OSError(errno.EMFILE, "Too many open files"), "ulimit -n 4096"),
    (RuntimeError("received 0 items of ancdata"), "too many files are open"),
    (
        RuntimeError("unable to open shared memory object </torch_1_2_3> in read-write mode: Too many open files (24)"),
        "ulimit",
    ),
    (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), "the GPU ran out of memory"),
    (Exception("OpenCV(4.10) error: (-4:Insufficient memory) Failed to allocate 9 bytes"), "the machine ran out of"),
    (RuntimeError("Pin memory thread exited unexpectedly"), "the thread that hands batches to the GPU ended"),
]


@pytest.mark.parametrize(("error", "words"), TROUBLE, ids=lambda value: str(value)[:40])
def test_what_the_machine_did_is_told_with_what_helps(error, words):
    told = in_words(error, CONFIG)
    assert isinstance(told, MachineError)
    assert isinstance(told, RunFailed)
    assert words in str(told)
    assert "\n" not in str(told)


def test_a_full_disk_is_told_where_no_file_is_named():
    assert "no space left on the disk" in str(in_words(OSError(errno.ENOSPC, "No space left on device"), CONFIG))
    assert in_words(OSError(errno.ENOSPC, "No space left on device", "results.json"), CONFIG) is None


@pytest.mark.parametrize("error", [ValueError("x"), YololabError("out of memory"), KeyboardInterrupt(), RuntimeError()])
def test_other_errors_are_left_as_they_are(error):
    assert in_words(error, CONFIG) is None


def test_shared_memory_that_may_not_be_opened_is_not_full():
    denied = RuntimeError("unable to open shared memory object </torch_1_2_3>: Permission denied (13)")
    assert in_words(denied, CONFIG) is None


@pytest.mark.parametrize(
    ("recipe", "advice"),
    [
        ({"batch_size": 16, "accumulate": "nominal"}, "recipe.batch_size=8 needs about half"),
        ({"batch_size": 1, "accumulate": 1}, "a smaller image_size or scale"),
    ],
)
def test_the_advice_fits_the_recipe(recipe, advice):
    assert advice in str(in_words(MemoryError(), {"recipe": recipe}))


def smoke(root, *overrides):
    given = ["experiment=smoke", "runtime.progress=false", "tracker=none", "recipe.epochs=1", *overrides]
    return run(RunSpec(compose([*given, f"runtime.root={root}"]), {}, []))


def test_a_worker_that_is_killed_ends_the_run_with_a_word(tmp_path, monkeypatch):
    parent, original = os.getpid(), TrainDataset.__getitem__

    def killed(self, index):
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(self, index)

    monkeypatch.setattr(TrainDataset, "__getitem__", killed)
    with pytest.raises(MachineError, match=r"the worker process \d+ that prepares batches (was killed|ended)"):
        smoke(tmp_path, "runtime.workers=1")
    (path,) = tmp_path.glob("smoke/r*")
    status = RunFolder(path).status()
    assert (status.state, status.error["class"]) == ("failed", "MachineError")
    assert "DataLoader worker" in (path / "traceback.txt").read_text(), "what torch said is kept"


def test_workers_that_hang_end_the_run_with_a_word(tmp_path, monkeypatch):
    parent, original = os.getpid(), TrainDataset.__getitem__

    def hangs(self, index):
        if os.getpid() != parent:
            signal.pause()
        return original(self, index)

    monkeypatch.setattr(TrainDataset, "__getitem__", hangs)
    with pytest.raises(MachineError, match="no batch came from the workers for 1 s"):
        smoke(tmp_path, "runtime.workers=1", "runtime.loader_timeout=1")


def test_a_batch_that_the_gpu_has_no_room_for_names_a_smaller_one(tmp_path, monkeypatch):
    from yololab.training.module import DetectorModule

    def too_large(*_):
        raise torch.OutOfMemoryError(GPU)

    monkeypatch.setattr(DetectorModule, "training_step", too_large)
    with pytest.raises(MachineError, match="recipe.batch_size=4"):
        smoke(tmp_path)


@pytest.mark.parametrize("workers", ["true", "-1", "some"])
def test_a_number_of_workers_that_is_none_is_refused(tmp_path, workers):
    with pytest.raises(ConfigError, match="expected auto or a number from 0"):
        smoke(tmp_path, f"runtime.workers={workers}")

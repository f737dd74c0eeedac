from __future__ import annotations

import copy
import csv
import json
from types import SimpleNamespace

import pytest
import torch
from pyarrow import parquet

from command import SMOKE as WORDS
from command import yololab
from yololab.assemble import build_detector
from yololab.config.compose import compose
from yololab.errors import ConfigError, YololabError
from yololab.run.fit import require_determinism
from yololab.run.folder import RunSpec
from yololab.run.machine_error import MachineError
from yololab.run.start import run
from yololab.training.module import DetectorModule

SMOKE = ["experiment=smoke", "runtime.progress=false"]
STARTS = [], ["init_seed=0"], ["init_seed=1"]


def smoke(root, *overrides):
    return run(RunSpec(compose([*SMOKE, f"runtime.root={root}", *overrides]), {}, []))


def folder_of(root, record):
    return root / record.study / record.run_id


def rows(folder):
    with (folder / "metrics.csv").open() as stream:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(stream)]


class Cut(Exception):
    """Stands for a kill."""


@pytest.mark.parametrize("accumulate", [1, 3], ids=["no gradient waits", "gradients wait"])
def test_a_cut_run_resumes_to_the_very_same_bits(tmp_path, monkeypatch, accumulate):
    options = ["tracker=none", "recipe.epochs=4", "seed=5", "attention=cbam", f"recipe.accumulate={accumulate}"]
    whole = smoke(tmp_path / "whole", *options)
    original = DetectorModule.on_train_epoch_start

    def cut(self):
        if self.current_epoch == 2:
            raise Cut
        original(self)

    monkeypatch.setattr(DetectorModule, "on_train_epoch_start", cut)
    with pytest.raises(Cut):
        smoke(tmp_path / "cut", *options)
    status = json.loads((tmp_path / "cut" / "smoke" / whole.run_id / "status.json").read_text())
    assert status["state"] == "failed"
    monkeypatch.undo()
    resumed = smoke(tmp_path / "cut", *options, "ckpt_path=last")
    assert resumed.run_id == whole.run_id
    assert resumed.metrics == whole.metrics
    folders = [folder_of(tmp_path / name, whole) for name in ("whole", "cut")]
    assert rows(folders[0]) == rows(folders[1])
    first, second = (torch.load(f / "checkpoints" / "last.ckpt", weights_only=True) for f in folders)
    assert first["state_dict"].keys() == second["state_dict"].keys()
    assert all(torch.equal(value, second["state_dict"][key]) for key, value in first["state_dict"].items())
    assert any(key.startswith("ema.model.") for key in first["state_dict"])


def test_the_last_epoch_counts_however_rarely_it_is_evaluated(tmp_path):
    options = ["tracker=none", "recipe.epochs=3"]
    every = smoke(tmp_path, *options)
    rarely = smoke(tmp_path, *options, "recipe.evaluation.every=2")
    assert rarely.run_id != every.run_id
    assert rarely.metrics == every.metrics
    assert ["val/mAP" in row for row in rarely.curve] == [False, True, False]


@pytest.mark.parametrize("head", ["detect", "effide"])
def test_gradients_of_accumulated_batches_are_summed(tmp_path, monkeypatch, head):
    steps = []

    def keep(self, optimizer):
        steps.append({n: p.grad.clone() for n, p in self.detector.named_parameters() if p.grad is not None})

    monkeypatch.setattr(DetectorModule, "on_before_optimizer_step", keep)
    options = ["tracker=none", "recipe.epochs=1", f"head={head}", "recipe.lr=0", "recipe.warmup_bias_lr=0"]
    smoke(tmp_path, *options)
    first, second = steps
    steps.clear()
    smoke(tmp_path, *options, "recipe.accumulate=2")
    (both,) = steps
    for name, gradient in both.items():
        assert torch.allclose(gradient, first[name] + second[name], rtol=1e-4, atol=1e-6), name


def test_final_numbers_come_from_the_test_split_where_that_is_asked_for(tmp_path):
    options = ["tracker=none", "data.test=6"]
    validated = smoke(tmp_path, *options)
    tested = smoke(tmp_path, *options, "data.final=test")
    assert (validated.final, tested.final) == ("val", "test")
    assert tested.images == {"train": 16, "val": 8, "test": 6}
    assert len(tested.validation) == 12
    assert tested.validation.items() <= validated.metrics.items()
    assert tested.curve[-1]["val/mAP"] == validated.curve[-1]["val/mAP"]
    detections = parquet.read_table(folder_of(tmp_path, tested) / "detections.parquet")
    assert len(set(detections["image_id"].to_pylist())) <= 6
    assert validated.run_id != tested.run_id


def test_replicas_start_together_and_part(tmp_path):
    first, again, other = (smoke(tmp_path / str(i), "tracker=none", f"replica={r}") for i, r in enumerate((0, 0, 1)))
    assert first.run_id == again.run_id != other.run_id
    losses = [[row["train/loss"] for row in record.curve] for record in (first, again, other)]
    assert losses[0] == losses[1] != losses[2]
    assert losses[0][0] == pytest.approx(losses[2][0], rel=1e-3)


def test_the_start_has_a_seed_of_its_own(tmp_path):
    """`init_seed` changes the initial weights, not the data: what either is worth can be measured apart."""
    first, same, other = (smoke(tmp_path / str(i), "tracker=none", *more) for i, more in enumerate(STARTS))
    assert len({first.run_id, same.run_id, other.run_id}) == 3
    losses = [[row["train/loss"] for row in record.curve] for record in (first, same, other)]
    assert losses[0] == losses[1] != losses[2]


def test_a_recipe_tells_what_it_came_to(tmp_path):
    record = smoke(tmp_path, "tracker=none", "recipe=yolov8", "recipe.epochs=2", "recipe.batch_size=8")
    assert record.training["optimizer"] == "adamw"
    assert record.training["steps"] == 4  # within the warm-up, every batch


@pytest.mark.parametrize("every", [1, 9], ids=["validated between", "not validated between"])
def test_gradients_that_wait_at_the_end_of_an_epoch_enter_the_first_step_of_the_next(tmp_path, monkeypatch, every):
    steps = []

    def keep(self, optimizer):
        steps.append({n: p.grad.clone() for n, p in self.detector.named_parameters() if p.grad is not None})

    monkeypatch.setattr(DetectorModule, "on_before_optimizer_step", keep)
    options = ["tracker=none", "recipe.epochs=2", "recipe.lr=0", "recipe.warmup_bias_lr=0",
               f"recipe.evaluation.every={every}"]  # fmt: skip
    smoke(tmp_path, *options)
    singly = list(steps)
    assert len(singly) == 4  # two batches an epoch
    steps.clear()
    smoke(tmp_path, *options, "recipe.accumulate=3")
    (three,) = steps
    for name, gradient in three.items():
        assert torch.allclose(gradient, sum(step[name] for step in singly[:3]), rtol=1e-4, atol=1e-6), name


def test_a_checkpoint_that_was_asked_for_and_does_not_fit_is_explained(tmp_path):
    path = tmp_path / "other.ckpt"
    torch.save({"state_dict": {}}, path)
    done = yololab("train", *WORDS, f"runtime.root={tmp_path}/runs", f"ckpt_path={path}")
    assert done.returncode == 2
    assert f"ckpt_path={path}: it is no checkpoint of a run" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_device_that_is_not_there_is_one_line(tmp_path):
    with pytest.raises(ConfigError, match=r"trainer.accelerator=gpu, .*trainer.accelerator=auto takes what there is"):
        smoke(tmp_path, "trainer.accelerator=gpu")


BROKEN = {
    "random numbers of another kind": {"rng_state": torch.zeros(3)},
    "callbacks that are none": {"callbacks": 3},
    "waiting batches without a number": {"waiting": {"zzz": 1}},
    "a version that is none": {"pytorch-lightning_version": "abc"},
    "moments of another shape": {},
}


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    root = tmp_path_factory.mktemp("resumed")
    record = smoke(root, "tracker=none", "recipe.epochs=1")
    path = folder_of(root, record) / "checkpoints" / "last.ckpt"
    return torch.load(path, weights_only=True)


@pytest.mark.parametrize("kind", BROKEN)
def test_what_breaks_while_it_is_restored_is_explained(tmp_path, checkpoint, kind):
    content = copy.deepcopy(checkpoint) | BROKEN[kind]
    if kind.startswith("moments"):
        first = next(iter(content["optimizer_states"][0]["state"].values()))
        first["exp_avg"] = torch.zeros(1001)
    torch.save(content, tmp_path / "broken.ckpt")
    with pytest.raises(YololabError, match=r"ckpt_path=.*broken.ckpt: "):
        smoke(tmp_path, "tracker=none", "recipe.epochs=2", f"ckpt_path={tmp_path / 'broken.ckpt'}")


def test_half_precision_that_needs_a_gpu_says_so_on_a_cpu(tmp_path):
    with pytest.raises(ConfigError, match="recipe.precision=16-mixed needs a GPU"):
        smoke(tmp_path, "tracker=none", "recipe.precision=16-mixed", "trainer.accelerator=cpu")


def test_what_the_machine_does_while_a_checkpoint_is_restored_is_no_fault_of_the_checkpoint(
    tmp_path, checkpoint, monkeypatch
):
    def no_room(*_):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    torch.save(checkpoint, tmp_path / "sound.ckpt")
    monkeypatch.setattr(DetectorModule, "on_train_start", no_room)
    with pytest.raises(MachineError, match="the GPU ran out of memory"):
        smoke(tmp_path, "tracker=none", "recipe.epochs=2", f"ckpt_path={tmp_path / 'sound.ckpt'}")


@pytest.mark.parametrize(
    ("overrides", "named"),
    [
        (["block=c2f_deform"], "backbone.stage2"),
        (["upsample=dysample"], "neck.up4"),
        (["head=dynamic"], "head"),
        (["head=task_aligned"], "head"),
        ([], None),
    ],
)
def test_sampling_between_pixels_is_refused_on_a_gpu_that_must_repeat(overrides, named):
    config = compose(["scale=p", "image_size=64", "num_classes=3", *overrides])
    prepared = SimpleNamespace(config=config, detector=build_detector(config, 3, device="meta"))
    require_determinism(prepared, "cpu")
    require_determinism(SimpleNamespace(config={"trainer": {"deterministic": "warn"}}, detector=None), "cuda")
    if named is None:
        require_determinism(prepared, "cuda")
        return
    with pytest.raises(ConfigError, match=f"{named}.*trainer.deterministic=warn"):
        require_determinism(prepared, "cuda")

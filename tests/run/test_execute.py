"""Whole runs of the smallest experiment: learning, tracking, reuse."""

from __future__ import annotations

import csv
import json
import struct

import pytest
import torch

import yololab
from yololab.config.compose import compose
from yololab.errors import ConfigError
from yololab.run.folder import RunSpec
from yololab.run.record import read_record
from yololab.run.start import run
from yololab.training.module import DetectorModule

BLOCK, FULL, LAST = 32768, 1, 4


SMOKE = ["experiment=smoke", "runtime.progress=false"]


def smoke(root, *overrides):
    return run(RunSpec(compose([*SMOKE, f"runtime.root={root}", *overrides]), {}, []))


def folder_of(root, record):
    return root / record.study / record.run_id


def rows(folder):
    with (folder / "metrics.csv").open() as stream:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(stream)]


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    return root, smoke(root)


def test_a_run_leaves_its_record_pictures_checkpoints_and_curve(finished):
    root, record = finished
    folder = folder_of(root, record)
    for name in (
        "results.json",
        "config.yaml",
        "precision_recall.png",
        "confusion.png",
        "checkpoints/last.ckpt",
        "checkpoints/best.ckpt",
    ):
        assert (folder / name).stat().st_size > 0, name
    assert len(list((folder / "predictions").glob("*.jpg"))) == 8
    assert json.loads((folder / "status.json").read_text())["state"] == "done"
    assert [row["epoch"] for row in rows(folder)] == ["0.0", "1.0"]
    assert read_record(folder) == record
    assert set(record.per_class) == {"disc", "square", "triangle"}
    assert {"train/box", "train/classes", "train/distribution", "val/mAP"} <= record.curve[0].keys()
    assert record.libraries["torch"].partition("+")[0] == torch.__version__.partition("+")[0]


def test_a_finished_run_is_not_run_again(finished, monkeypatch):
    root, record = finished
    monkeypatch.setattr(DetectorModule, "training_step", lambda *_: pytest.fail("trained again"))
    assert smoke(root) == record


def wandb_records(content: bytes):
    """Messages of a .wandb file: a LevelDB log of 32 KiB blocks behind 7 bytes of header."""
    assert content[:4] == b":W&B"
    position, parts = 7, []
    while position + 7 <= len(content):
        left = BLOCK - position % BLOCK
        if left < 7:
            position += left
            continue
        length, kind = struct.unpack("<HB", content[position + 4 : position + 7])
        parts.append(content[position + 7 : position + 7 + length])
        position += 7 + length
        if kind in (FULL, LAST):
            yield b"".join(parts)
            parts = []


def test_the_offline_wandb_file_holds_the_numbers(finished):
    from wandb.proto import wandb_internal_pb2

    root, record = finished
    (path,) = (folder_of(root, record) / "wandb").glob("offline-run-*/*.wandb")
    summary, history, run_ids, groups, pictures = {}, 0, set(), set(), 0
    for data in wandb_records(path.read_bytes()):
        message = wandb_internal_pb2.Record()
        message.ParseFromString(data)
        kind = message.WhichOneof("record_type")
        if kind == "run":
            run_ids.add(message.run.run_id)
            groups.add(message.run.run_group)
        elif kind == "history":
            history += 1
            pictures += any("predictions" in (item.key or ".".join(item.nested_key)) for item in message.history.item)
        elif kind == "summary":
            for item in message.summary.update:
                summary[item.key or ".".join(item.nested_key)] = json.loads(item.value_json)
    assert run_ids == {record.run_id}
    assert groups == {"smoke"}
    assert history >= 2
    assert pictures == 1
    for name in ("mAP", "mAP50"):
        assert summary[name] == pytest.approx(record.metrics[name])
    for name in ("params_train", "params_deploy", "gflops_train", "gflops_deploy"):
        assert summary[name] == pytest.approx(record.complexity[name])
    assert summary["seconds_per_epoch"] > 0


def test_the_same_seed_gives_the_same_run_and_another_seed_another(tmp_path):
    first = smoke(tmp_path / "a", "tracker=none", "recipe.epochs=1")
    again = smoke(tmp_path / "b", "tracker=none", "recipe.epochs=1", "runtime.workers=2")
    other = smoke(tmp_path / "c", "tracker=none", "recipe.epochs=1", "seed=1")

    def losses(record):
        return [{k: v for k, v in row.items() if k != "seconds"} for row in record.curve]

    assert losses(first) == losses(again)
    assert losses(first) != losses(other)
    assert first.run_id == again.run_id != other.run_id


def test_segmentation_trains_and_evaluates_masks(tmp_path):
    record = smoke(tmp_path, "task=segment", "tracker=none", "recipe.epochs=1")
    assert {"mask_mAP", "mask_mAP50", "mask_AR100"} <= record.metrics.keys()
    assert record.curve[0]["train/masks"] > 0
    assert len(list((folder_of(tmp_path, record) / "predictions").glob("*.jpg"))) == 8


def test_an_unknown_checkpoint_is_refused_before_training(tmp_path):
    with pytest.raises(ConfigError, match=r"ckpt_path=/no/such.ckpt: cannot be read: No such file"):
        smoke(tmp_path, "tracker=none", "ckpt_path=/no/such.ckpt")


def test_bccd_trains_and_its_broken_boxes_are_listed_in_the_run_folder(tmp_path, bccd):
    options = ["scale=p", "recipe=tiny", "image_size=64", "data=bccd", f"data.root={bccd}"]
    config = compose(
        [*options, f"runtime.root={tmp_path}", "recipe.epochs=1", "tracker=none", "runtime.progress=false"]
    )
    record = run(RunSpec(config, {}, []))
    assert record.data_problems == {
        "train": {"zero area": 1},
        "val": {"zero area": 1, "similar image in two splits": 1},
    }
    listed = json.loads((folder_of(tmp_path, record) / "data_problems_train.json").read_text())
    assert listed["problems"][0]["file"].endswith("BloodImage_00343.xml")


def test_what_is_frozen_stays_to_the_last_bit_its_statistics_too(tmp_path):
    record = smoke(tmp_path, "tracker=none", "recipe.epochs=1", "recipe.freeze=[backbone.*]", "recipe.ema_decay=0")
    state = torch.load(folder_of(tmp_path, record) / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
    before = yololab.build([*SMOKE, "recipe.ema_decay=0"]).state_dict()
    changed = {name for name, value in before.items() if not torch.equal(value, state[f"detector.{name}"])}
    assert not any(name.startswith("backbone.") for name in changed)
    assert any(name.startswith("neck.") and name.endswith("running_mean") for name in changed)
    assert record.complexity["params_trainable"] < record.complexity["params_train"]


def test_patience_ends_a_run_and_the_record_says_so(tmp_path):
    record = smoke(tmp_path, "tracker=none", "recipe.epochs=6", "recipe.patience=1", "recipe.lr=1e-9")
    assert record.training["epochs"] == len(record.curve) < 6
    assert record.training["best_epoch"] >= 1
    assert "patience ended it after" in record.headline()
    assert record.pruned is None

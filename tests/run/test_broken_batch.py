from __future__ import annotations

import errno
import json
import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from yololab.config.compose import compose
from yololab.data.batch import Batch
from yololab.run import broken_batch
from yololab.run.broken_batch import GAP, TILE, keep_batch, kept_elsewhere
from yololab.run.folder import RunSpec
from yololab.run.prepare import make_train_loader, prepare
from yololab.training.divergence import Diverged

PLACE = {"epoch": 0, "batch": 3, "split": "train", "lr": 0.01}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    root = tmp_path_factory.mktemp("runs")
    return prepare(RunSpec(compose(["experiment=smoke", "recipe.batch_size=16", f"runtime.root={root}"]), {}, []))


@pytest.fixture(scope="module")
def error(prepared):
    batch = next(iter(make_train_loader(prepared)))
    return Diverged("loss term box", math.nan, {"box": math.nan, "cls": 1.5}, PLACE, batch)


def test_the_batch_can_be_read_and_run_again(tmp_path, prepared, error):
    kept = keep_batch(tmp_path, error, prepared.splits.train)
    assert kept == tmp_path / "diverged"
    tensors = load_file(kept / "batch.safetensors")
    assert torch.equal(tensors["images"], error.batch.images)
    assert torch.equal(tensors["boxes_xyxy"], error.batch.targets.boxes_xyxy)
    assert torch.equal(tensors["labels"], error.batch.targets.labels)
    assert torch.equal(tensors["valid"], error.batch.targets.valid)


def test_its_numbers_are_strict_json(tmp_path, prepared, error):
    text = (keep_batch(tmp_path, error, prepared.splits.train) / "batch.json").read_text()
    facts = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert facts | {"images": []} == {
        **PLACE,
        "what": "loss term box",
        "value": "nan",
        "terms": {"box": "nan", "cls": 1.5},
        "images": [],
    }
    names = [prepared.splits.train.records[index].name for index in error.batch.indices]
    assert [image["name"] for image in facts["images"]] == names


def test_a_sheet_shows_its_images(tmp_path, prepared, error):
    sheet = cv2.imread(str(keep_batch(tmp_path, error, prepared.splits.train) / "batch.png"))
    assert sheet.shape == (4 * (TILE + GAP) - GAP, 4 * (TILE + GAP) - GAP, 3)
    image = error.batch.images[5].permute(1, 2, 0).numpy()[..., ::-1]
    shown = cv2.resize(image, (TILE, TILE), interpolation=cv2.INTER_CUBIC)
    place = sheet[TILE + GAP : 2 * TILE + GAP, TILE + GAP : 2 * TILE + GAP]
    assert np.median(np.abs(place.astype(int) - shown)) <= 1, "the sixth, but for its boxes"


def test_further_ranks_keep_theirs_beside_it(tmp_path, prepared, error, monkeypatch):
    monkeypatch.setattr(broken_batch, "rank", lambda: 1)
    assert keep_batch(tmp_path, error, prepared.splits.train).name == "diverged_rank1"


def test_a_full_disk_leaves_out_what_has_no_room(tmp_path, prepared, error, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(broken_batch, "save_file", full)
    kept = keep_batch(tmp_path, error, prepared.splits.train)
    assert sorted(path.name for path in kept.iterdir()) == ["batch.json", "batch.png"]
    monkeypatch.setattr(broken_batch, "write_text", full)
    keep_batch(tmp_path / "missing", error, prepared.splits.train)


def test_a_full_disk_of_safetensors_is_one_too(tmp_path, prepared, error, monkeypatch):
    def full(*_):
        raise SafetensorError("Error while serializing: I/O error: No space left on device")

    monkeypatch.setattr(broken_batch, "save_file", full)
    assert len(list(keep_batch(tmp_path, error, prepared.splits.train).iterdir())) == 2


def test_nothing_is_written_through_a_link(tmp_path, prepared, error):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "diverged").symlink_to(tmp_path / "elsewhere")
    keep_batch(tmp_path, error, prepared.splits.train)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_what_another_rank_kept_is_told(tmp_path, prepared, error, monkeypatch):
    assert kept_elsewhere(tmp_path) is None
    monkeypatch.setattr(broken_batch, "rank", lambda: 1)
    keep_batch(tmp_path, error, prepared.splits.train)
    told = kept_elsewhere(tmp_path)
    assert told.startswith("epoch 1, batch 4 of train: the loss term box is nan; its batch is in ")
    assert "diverged_rank1" in told


def test_boxes_that_are_no_numbers_are_kept_and_not_drawn(tmp_path, prepared, error):
    targets = error.batch.targets
    boxes = targets.boxes_xyxy.clone()
    boxes[0, 0, 0], boxes[1, 0, 2] = math.nan, 1e30
    batch = Batch(error.batch.images, replace(targets, boxes_xyxy=boxes), error.batch.indices, error.batch.letterboxes)
    kept = keep_batch(tmp_path, Diverged("loss term box", math.nan, {}, PLACE, batch), prepared.splits.train)
    assert torch.isnan(load_file(kept / "batch.safetensors")["boxes_xyxy"][0, 0, 0])
    assert (kept / "batch.png").is_file()


def test_a_batch_without_boxes_is_shown_too(tmp_path, prepared, error):
    targets = error.batch.targets
    nothing = type(targets)(targets.boxes_xyxy[:, :0], targets.labels[:, :0], targets.valid[:, :0])
    batch = Batch(error.batch.images, nothing, error.batch.indices, error.batch.letterboxes)
    alone = Diverged("weight a", math.inf, {}, PLACE, batch)
    kept = keep_batch(tmp_path, alone, prepared.splits.train)
    assert load_file(kept / "batch.safetensors")["boxes_xyxy"].shape == (16, 0, 4)

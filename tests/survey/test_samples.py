from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from yololab.assemble import make_parts
from yololab.config.compose import compose
from yololab.data import ShapesSource
from yololab.data.dataset import EpochSampler, TrainDataset
from yololab.survey.samples import augmented, jpeg, labelled


def test_labelled_images_are_spread_over_those_that_have_an_object():
    data = ShapesSource(train=20, val=1, size=64).read("train")
    pictures = labelled(data, 4)
    assert [name for name, _ in pictures] == [data.records[i].name for i in (0, 6, 13, 19)]
    assert all(picture.shape == (360, 360, 3) for _, picture in pictures)
    gone = replace(data.records[0], pixels=None, path=__import__("pathlib").Path("/none.png"))
    assert len(labelled(replace(data, records=(gone, *data.records[1:])), 4)) == 3


def test_the_batch_is_the_one_that_training_begins_with(monkeypatch):
    config = compose(["experiment=smoke", "image_size=64"])
    parts = make_parts(config)
    data = parts.source.read("train")
    seen = []
    original = TrainDataset.__getitem__

    def watch(self, key):
        item = original(self, key)
        seen.append((key, item.image))
        return item

    monkeypatch.setattr(TrainDataset, "__getitem__", watch)
    pictures = augmented(data, config, parts.augment, 4)
    monkeypatch.undo()
    recipe = config["recipe"]
    dataset = TrainDataset(
        data, image_size=64, seed=config["seed"], epochs=recipe["epochs"], augment=parts.augment,
        close_mosaic=recipe["close_mosaic"],
    )  # fmt: skip
    keys = [key for key, _ in zip(EpochSampler(len(data.records), config["seed"]), range(4), strict=False)]
    assert [key for key, _ in seen] == keys
    assert all(torch.equal(image, dataset[key].image) for key, image in seen)
    assert len(pictures) == 4


def test_pictures_become_jpeg():
    assert jpeg(np.zeros((8, 8, 3), np.uint8))[:2] == b"\xff\xd8"

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from parts import augment
from yololab.data import ShapesSource
from yololab.data.batch import collate
from yololab.data.dataset import EpochSampler, SampleKey, TrainDataset

STRONG = augment(degrees=20, shear=5, scale=0.4, mixup=0.3, flip_ud=0.5)


@pytest.fixture(scope="module")
def shapes():
    return ShapesSource(train=24, val=8, size=96).read("train")


def batches(data, workers, epochs=2):
    dataset = TrainDataset(data, image_size=64, seed=3, epochs=4, augment=STRONG, close_mosaic=1, with_masks=True)
    sampler = EpochSampler(len(dataset), seed=3)
    loader = DataLoader(
        dataset, batch_size=8, sampler=sampler, num_workers=workers, collate_fn=collate, persistent_workers=workers > 0
    )
    found = []
    for epoch in range(epochs):
        sampler.set_epoch(epoch)
        found += list(loader)
    return found


def assert_same(first, second):
    assert len(first) == len(second)
    for a, b in zip(first, second, strict=True):
        assert a.indices == b.indices
        assert torch.equal(a.images, b.images)
        assert torch.equal(a.targets.boxes_xyxy, b.targets.boxes_xyxy)
        assert torch.equal(a.targets.masks, b.targets.masks)


def test_batches_are_the_same_for_0_1_and_4_workers(shapes):
    expected = batches(shapes, 0)
    for workers in (1, 4):
        assert_same(expected, batches(shapes, workers))


def test_a_sample_depends_on_seed_epoch_and_index_alone(shapes):
    def item(seed, epoch, index):
        return TrainDataset(shapes, image_size=64, seed=seed, epochs=9, augment=STRONG)[SampleKey(epoch, index)].image

    assert torch.equal(item(0, 1, 2), item(0, 1, 2))
    for other in ((1, 1, 2), (0, 2, 2), (0, 1, 3)):
        assert not torch.equal(item(0, 1, 2), item(*other))


def test_mosaic_ends_before_training_does(shapes):
    dataset = TrainDataset(
        shapes,
        image_size=96,
        seed=0,
        epochs=10,
        augment=augment(mosaic=1.0, scale=0.0, translate=0.0, flip_lr=0.0, hsv_h=0, hsv_s=0, hsv_v=0),
        close_mosaic=3,
    )
    plain = [
        np.array_equal(
            dataset[SampleKey(epoch, 0)].image.permute(1, 2, 0).numpy()[:, :, ::-1], shapes.records[0].pixels
        )
        for epoch in (6, 7)
    ]
    assert plain == [False, True]


def test_ranks_share_an_epoch_without_overlap():
    ranks = [list(EpochSampler(10, seed=0, num_replicas=3, rank=r)) for r in range(3)]
    assert [len(r) for r in ranks] == [4, 4, 4]
    assert {key.index for rank in ranks for key in rank} == set(range(10))

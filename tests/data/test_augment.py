from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from yololab.data import ShapesSource
from yololab.data.augment import AugmentConfig, affine, flip, mixup, mosaic
from yololab.data.batch import collate
from yololab.data.dataset import EpochSampler, EvalDataset, SampleKey, TrainDataset
from yololab.data.letterbox import letterbox
from yololab.data.sample import Sample, to_sample

STRONG = AugmentConfig(degrees=20, shear=5, scale=0.4, mixup=0.3, flip_ud=0.5)


@pytest.fixture(scope="module")
def shapes():
    return ShapesSource(train=24, val=8, size=96).read("train")


def samples(data, count):
    return [to_sample(record, record.pixels, with_masks=True) for record in data.records[:count]]


def mask_boxes(sample: Sample) -> dict[int, np.ndarray]:
    """Bounding box of what is visible of every object."""
    found = {}
    for index in range(len(sample.labels)):
        rows, columns = np.nonzero(sample.instance_map == index + 1)
        if len(rows):
            found[index] = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
    return found


def assert_masks_lie_in_boxes(sample: Sample, slack: float) -> None:
    assert set(np.unique(sample.instance_map)) <= set(range(len(sample.labels) + 1))
    for index, seen in mask_boxes(sample).items():
        box = sample.boxes_xyxy[index]
        assert (seen[:2] >= box[:2] - slack).all(), (box, seen)
        assert (seen[2:] <= box[2:] + slack).all(), (box, seen)


def test_embedded_boxes_are_exactly_the_bounds_of_their_masks(shapes):
    for sample in samples(shapes, 24):
        for index, seen in mask_boxes(sample).items():
            assert sample.boxes_xyxy[index].tolist() == seen.tolist()


def test_embedded_images_are_a_function_of_seed_split_and_index():
    first, second = ShapesSource(train=4, val=4).read("train"), ShapesSource(train=9, val=4).read("train")
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(first.records, second.records, strict=False))
    other = ShapesSource(train=4, val=4, seed=1).read("train")
    assert not np.array_equal(first.records[0].pixels, other.records[0].pixels)
    assert ShapesSource(train=4, val=4).read("val").fingerprint() != first.fingerprint()


def test_difficulty_lowers_contrast_and_raises_noise():
    def roughness(difficulty):
        pixels = ShapesSource(train=6, val=1, difficulty=difficulty).read("train").records[0].pixels.astype(float)
        return np.abs(np.diff(pixels, axis=1)).mean()

    assert roughness(0.0) < roughness(0.5) < roughness(1.0)


@pytest.mark.parametrize("seed", range(6))
def test_boxes_and_masks_move_with_the_image(shapes, seed):
    rng = np.random.default_rng(seed)
    mixed = mosaic(samples(shapes, 4), 96, rng)
    assert_masks_lie_in_boxes(mixed, 0)
    warped = affine(mixed, 96, STRONG, rng)
    assert warped.image.shape == (96, 96, 3)
    assert_masks_lie_in_boxes(warped, 1.5)
    flipped = flip(warped, AugmentConfig(flip_lr=1.0, flip_ud=1.0), rng)
    assert_masks_lie_in_boxes(flipped, 1.5)
    blended = mixup(flipped, affine(samples(shapes, 5)[4], 96, STRONG, rng), rng)
    assert_masks_lie_in_boxes(blended, 1.5)


def test_pixels_move_with_their_boxes(shapes):
    """A white square on black is still where its box says after any warp."""
    image = np.zeros((80, 80, 3), np.uint8)
    image[20:50, 30:60] = 255
    sample = Sample(image, np.array([[30.0, 20, 60, 50]], np.float32), np.array([0]))
    for seed in range(10):
        warped = affine(sample, 80, AugmentConfig(degrees=0, scale=0.3, translate=0.1), np.random.default_rng(seed))
        rows, columns = np.nonzero(warped.image[:, :, 0] > 200)
        seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert np.abs(warped.boxes_xyxy[0] - seen).max() < 1.5


def test_flipping_twice_changes_nothing(shapes):
    config, sample = AugmentConfig(flip_lr=1.0, flip_ud=1.0), samples(shapes, 1)[0]
    again = flip(flip(sample, config, np.random.default_rng(0)), config, np.random.default_rng(0))
    assert np.array_equal(again.image, sample.image)
    np.testing.assert_allclose(again.boxes_xyxy, sample.boxes_xyxy)
    assert np.array_equal(again.instance_map, sample.instance_map)


def test_letterbox_and_back_is_the_identity():
    boxes = np.array([[3.0, 5, 40, 29], [0, 0, 60, 30]])
    padded, back = letterbox(np.zeros((32, 64, 3), np.uint8), 64, original=(60, 30))
    assert padded.shape == (64, 64, 3)
    np.testing.assert_allclose(back.to_original(back.to_network(boxes)), boxes)
    assert back.to_original(np.array([[-9.0, -9, 99, 99]])).tolist() == [[0, 0, 60, 30]]


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
        augment=AugmentConfig(mosaic=1.0, scale=0.0, translate=0.0, flip_lr=0.0, hsv_h=0, hsv_s=0, hsv_v=0),
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


def test_collate_pads_to_the_most_boxes_however_many(shapes):
    dataset = EvalDataset(shapes, image_size=64)
    items = [dataset[i] for i in range(3)]
    crowded = items[0].__class__(
        items[0].image, np.tile([[1, 2, 9, 9]], (250, 1)), np.zeros(250, np.int64), None, 0, None
    )
    batch = collate([*items, crowded])
    assert batch.targets.boxes_xyxy.shape == (4, 250, 4)
    assert batch.targets.valid.sum(1).tolist() == [*(len(i.labels) for i in items), 250]


def test_a_file_that_breaks_after_the_checks_is_replaced_and_said(tmp_path, caplog):
    from data.case import CLASSES, voc_object, write_voc
    from yololab.data import VOCSource

    root = write_voc(tmp_path, {"a": voc_object("dog", (5, 6, 20, 16))})
    data = VOCSource(str(root), CLASSES).read("train")
    (root / "JPEGImages" / "a.jpg").write_bytes(b"no image")
    item = EvalDataset(data, image_size=64)[0]
    assert item.image.float().std() < 1
    assert len(item.labels) == 0
    assert "cannot be decoded" in caplog.text

"""Datasets whose every item is a function of (seed, epoch, index), and the sampler that hands out such keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch.utils.data import Dataset, Sampler

from yololab.data.allocator import keep_freed_memory
from yololab.data.augment import AugmentConfig, colour_factors, flip, mixup, rgb_planes
from yololab.data.canvas import alone, mosaic
from yololab.data.detection_data import DetectionData
from yololab.data.letterbox import Letterbox, fit_scale, letterbox
from yololab.data.sample import Sample, load_image, resized, to_sample
from yololab.data.warp import affine

CACHE_BYTES = 2 * 2**30


class SampleKey(NamedTuple):
    """Which sample, and in which epoch: all that augmentation may depend on besides the seed."""

    epoch: int
    index: int


@dataclass(frozen=True)
class Item:
    """What a dataset hands to collate: image (3, H, W) uint8 RGB and its objects in network pixels."""

    image: torch.Tensor
    boxes_xyxy: np.ndarray
    labels: np.ndarray
    instance_map: np.ndarray | None
    index: int
    letterbox: Letterbox | None


class EpochSampler(Sampler[SampleKey]):
    """A permutation per epoch, from (seed, epoch) alone, dealt out to `num_replicas` ranks in equal shares."""

    def __init__(self, length: int, seed: int, num_replicas: int = 1, rank: int = 0) -> None:
        self.length, self.seed, self.num_replicas, self.rank = length, seed, num_replicas, rank
        self.epoch = 0
        self.skip = 0
        """Samples that the next pass leaves out, because they were used before a cut"""

    def set_epoch(self, epoch: int) -> None:
        """Called by Lightning before each epoch, after a resume too."""
        self.epoch = epoch

    def __len__(self) -> int:
        return -(-self.length // self.num_replicas)

    def __iter__(self) -> Iterator[SampleKey]:
        order = np.random.default_rng([self.seed, self.epoch]).permutation(self.length)
        order = np.resize(order, len(self) * self.num_replicas)  # the first ones again, so that all ranks agree
        skip, self.skip = self.skip, 0
        for index in order[self.rank :: self.num_replicas][skip:]:
            yield SampleKey(self.epoch, int(index))


class _Images:
    """Decoded images, resized to fit `size`, kept in memory while they fit CACHE_BYTES."""

    def __init__(self, data: DetectionData, size: int, cache: bool, shrink: str = "linear") -> None:
        self.records, self.size, self.shrink = data.records, size, shrink
        total = sum(
            int(r.width * r.height * 3 * min(1.0, fit_scale(r.width, r.height, size)) ** 2) for r in data.records
        )
        self.kept: dict[int, np.ndarray] | None = {} if cache and total <= CACHE_BYTES else None
        self.samples: dict[int, Sample] = {}
        """Of the images that are kept, without masks"""

    def __getitem__(self, index: int) -> np.ndarray:
        if self.kept is not None and index in self.kept:
            return self.kept[index]
        record = self.records[index]
        image = resized(load_image(record), fit_scale(record.width, record.height, self.size), self.shrink)
        if self.kept is not None:
            self.kept[index] = image
        return image

    def sample(self, index: int, with_masks: bool) -> Sample:
        """A record on its image."""
        if index in self.samples and not with_masks:
            return self.samples[index]
        sample = to_sample(self.records[index], self[index], with_masks)
        if self.kept is not None and not with_masks:
            self.samples[index] = sample
        return sample


class TrainDataset(Dataset[Item]):
    """Augmented training images. Mosaic and mixup end `close_mosaic` epochs before `epochs`."""

    def __init__(
        self,
        data: DetectionData,
        *,
        image_size: int,
        seed: int,
        epochs: int,
        augment: AugmentConfig,
        close_mosaic: int = 0,
        with_masks: bool = False,
        cache: bool = True,
    ) -> None:
        self.data, self.size, self.seed = data, image_size, seed
        self.augment, self.last_mosaic_epoch = augment, epochs - close_mosaic
        self.with_masks = with_masks
        self.images = _Images(data, image_size, cache)

    def __len__(self) -> int:
        return len(self.data.records)

    def __getitem__(self, key: SampleKey) -> Item:
        keep_freed_memory()
        rng = np.random.default_rng([self.seed, key.epoch, key.index])
        mixes = key.epoch < self.last_mosaic_epoch
        sample = self._composed(key.index, mixes, rng)
        if mixes and rng.random() < self.augment.mixup:
            sample = mixup(sample, self._composed(int(rng.integers(len(self))), mixes, rng), rng)
        factors = colour_factors(self.augment, rng)
        return _to_item(flip(sample, self.augment, rng), key.index, None, factors)

    def _composed(self, index: int, mixes: bool, rng: np.random.Generator) -> Sample:
        if mixes and rng.random() < self.augment.mosaic:
            indices = [index, *rng.integers(len(self), size=3).tolist()]
            layout = mosaic([self._sample(i) for i in indices], self.size, rng)
        else:
            layout = alone(self._sample(index), self.size)
        return affine(layout, self.size, self.augment, rng)

    def _sample(self, index: int) -> Sample:
        return self.images.sample(index, self.with_masks)


class EvalDataset(Dataset[Item]):
    """Letterboxed images in their order, without any chance; `sizes` are their inputs' (width, height), else square."""

    def __init__(
        self,
        data: DetectionData,
        *,
        image_size: int,
        sizes: Sequence[tuple[int, int]] | None = None,
        shrink: str = "linear",
        with_masks: bool = False,
        cache: bool = True,
    ) -> None:
        self.data, self.with_masks = data, with_masks
        self.sizes = sizes or [(image_size, image_size)] * len(data.records)
        self.images = _Images(data, image_size, cache, shrink)

    def __len__(self) -> int:
        return len(self.data.records)

    def __getitem__(self, index: int) -> Item:
        record = self.data.records[index]
        sample = self.images.sample(index, self.with_masks)
        padded, back = letterbox(sample.image, self.sizes[index], (record.width, record.height))
        return _to_item(_placed(sample, padded, back), index, back)


def _placed(sample: Sample, padded: np.ndarray, back: Letterbox) -> Sample:
    """A sample whose image was padded: boxes and instance map follow."""
    left, top = int(back.pad_x), int(back.pad_y)
    instance_map = sample.instance_map
    if instance_map is not None:
        height, width = instance_map.shape
        canvas = np.zeros(padded.shape[:2], np.int32)
        canvas[top : top + height, left : left + width] = instance_map
        instance_map = canvas
    boxes = sample.boxes_xyxy + np.array([left, top, left, top], np.float32)
    return Sample(padded, boxes, sample.labels, instance_map)


def _to_item(sample: Sample, index: int, back: Letterbox | None, factors: np.ndarray | None = None) -> Item:
    return Item(
        torch.from_numpy(rgb_planes(sample.image, factors)),
        sample.boxes_xyxy,
        sample.labels,
        sample.instance_map,
        index,
        back,
    )

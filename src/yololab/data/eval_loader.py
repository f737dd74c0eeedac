"""Batches that are judged: how many images and of which size, the same in training and when a detector is judged again.

Other batches would round otherwise, and a record's numbers would not come back to the last digit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch.utils.data import DataLoader

from yololab.data.batch import collate
from yololab.data.dataset import EvalDataset
from yololab.data.detection_data import DetectionData
from yololab.data.rectangles import rectangular_batches


def eval_loader(
    data: DetectionData,
    *,
    evaluation: Mapping[str, Any],
    image_size: int,
    batch_size: int,
    stride: int,
    rectangular: bool,
    world_size: int = 1,
    rank: int = 0,
    with_masks: bool = False,
    cache: bool = True,
    **options: Any,
) -> DataLoader:
    """Batches of a split: no image twice, so that the evaluation counts each once. `options` are DataLoader's."""
    options = {"collate_fn": collate, **options}
    shared = {"image_size": image_size, "shrink": evaluation["shrink"], "with_masks": with_masks, "cache": cache}
    if not rectangular:
        own_share = range(rank, len(data.records), world_size)
        images = -(-batch_size // world_size)
        return DataLoader(EvalDataset(data, **shared), sampler=own_share, batch_size=images, **options)
    images = max(1, min(2 * batch_size // world_size, len(data.records) // world_size))  # some for all
    batches, sizes = rectangular_batches(data.records, image_size, stride, images)
    return DataLoader(EvalDataset(data, sizes=sizes, **shared), batch_sampler=batches[rank::world_size], **options)

"""What heads with distance distributions share: raw layout, decoding, biases."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from yololab.heads.base import class_bias, constant_bias_
from yololab.heads.dfl import DFL
from yololab.ops.grid import flatten_levels, grid_points
from yololab.ops.precision import full_precision
from yololab.structures import HeadMaps, Predictions


def decode_distances(maps: HeadMaps, strides: Sequence[int], dfl: DFL | None, num_classes: int) -> Predictions:
    """Raw maps of one branch -> predictions.

    Maps are (B, 4 * reg_max + num_classes, H, W), one per stride: distributions over the distances to the sides l, t,
    r, b with `reg_max` bins each, then class logits; further channels are left alone. Without `dfl` the first four
    channels are the distances in strides, of any sign, so that a box may have a negative size.
    """
    points, point_strides = grid_points(maps.levels, strides)
    sides = 4 if dfl is None else 4 * dfl.num_bins
    # float32: 8 bits of bfloat16 resolve the expectation over 16 bins to two pixels at stride 32.
    flat = flatten_levels([level[:, : sides + num_classes].float() for level in maps.levels])
    distribution, class_logits = flat.split((sides, num_classes), dim=2)
    bins = distribution.unflatten(2, (4, -1))
    with full_precision(flat.device):
        distances = (distribution if dfl is None else dfl.expected(bins)) * point_strides[:, None]
    low, high = points - distances[..., :2], points + distances[..., 2:]
    return Predictions(
        boxes_xyxy=torch.cat((low, high), dim=-1),
        class_logits=class_logits,
        points=points,
        strides=point_strides,
        box_distribution=None if dfl is None else bins,
        side_distances=distances if dfl is None else None,
        input_size=(maps.levels[0].shape[3] * strides[0], maps.levels[0].shape[2] * strides[0]),
    )


def predict_levels(box: nn.ModuleList, classes: nn.ModuleList, features: Sequence[Tensor]) -> list[Tensor]:
    """Box and class maps side by side, level by level."""
    return [torch.cat((b(x), c(x)), dim=1) for b, c, x in zip(box, classes, features, strict=True)]


def set_biases_(box: nn.ModuleList, classes: nn.ModuleList, strides: Sequence[int], num_classes: int) -> None:
    """Box biases 1, or 2 strides where distances are predicted as they are; class biases the prior of `class_bias`."""
    for box_layers, class_layers, stride in zip(box, classes, strides, strict=True):
        predictor = box_layers[-1]  # type: ignore[index]
        constant_bias_(predictor, 2.0 if predictor.out_channels == 4 else 1.0)
        constant_bias_(class_layers[-1], class_bias(num_classes, stride))  # type: ignore[index]

"""What a network looks at, and what an inserted block does to its input, on one image.

Eigen-CAM (Muhammad and Yeasin, IJCNN 2020) is the projection of a feature map on its first principal component; it
needs no gradient and no class. Here: the mean over the maps that the head reads, each brought to 0 to 1.

The effect of an inserted block is |output| / |input|, summed over channels for a place and over places for a channel.
For an attention that multiplies its input by a gate it is that gate, weighted by the input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from yololab.data.letterbox import fit_scale
from yololab.data.sample import resized
from yololab.detector import Detector


@dataclass(frozen=True, eq=False)
class Effect:
    """Of an inserted block on one image."""

    places: np.ndarray
    """(H, W) of its feature map"""
    channels: np.ndarray
    """(C,)"""


@dataclass(frozen=True, eq=False)
class Seen:
    """Of one image; arrays have the proportions of the image."""

    cam: np.ndarray
    """(H, W) in [0, 1], the size of the image as the network saw it"""
    effects: Mapping[str, Effect] = field(default_factory=dict)
    """By node"""


def look(detector: Detector, image: np.ndarray, size: int, inserted: Sequence[str]) -> Seen:
    """Run `image`, (H, W, 3) BGR uint8, through a detector in eval mode, its longer side brought to `size` pixels."""
    small = resized(image, fit_scale(image.shape[1], image.shape[0], size))
    height, width = small.shape[:2]
    stride = detector.max_stride
    padded = cv2.copyMakeBorder(small, 0, -height % stride, 0, -width % stride, cv2.BORDER_CONSTANT, value=(114,) * 3)
    pixels = torch.from_numpy(np.ascontiguousarray(padded[:, :, ::-1])).permute(2, 0, 1)[None].float() / 255
    effects: dict[str, Effect] = {}
    hooks = [detector.node(name).register_forward_hook(_noting(effects, name)) for name in inserted]
    try:
        with torch.inference_mode():
            features = detector.features(pixels)
    finally:
        for hook in hooks:
            hook.remove()
    main = features[-len(detector.head.main_only().in_channels) :]  # an auxiliary branch's come first
    maps = [cv2.resize(eigen_cam(one[0]), padded.shape[1::-1]) for one in main]
    cam = np.mean(maps, axis=0)[:height, :width]
    shares = {
        name: Effect(_cropped(one.places, padded.shape, (height, width)), one.channels) for name, one in effects.items()
    }
    return Seen(_stretched(cam), shares)


def eigen_cam(feature: Tensor) -> np.ndarray:
    """(C, H, W) -> (H, W) in [0, 1]: |projection| on the first principal component of the channels."""
    channels, height, width = feature.shape
    flat = feature.float().reshape(channels, -1).T  # (H * W, C)
    flat = flat - flat.mean(dim=0)
    values = torch.linalg.svd(flat, full_matrices=False)[2][0]
    projected = (flat @ values).reshape(height, width).numpy()
    if abs(projected.min()) > abs(projected.max()):  # the sign of a component means nothing: what stands out is high
        projected = -projected
    return _stretched(np.maximum(projected, 0))


def _noting(effects: dict[str, Effect], name: str) -> Any:
    def hook(_: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        given = inputs[0]
        if not isinstance(output, Tensor) or given.shape != output.shape:
            return
        before, after = given[0].abs().float(), output[0].abs().float()
        effects[name] = Effect(_share(after.sum(0), before.sum(0)), _share(after.sum((1, 2)), before.sum((1, 2))))

    return hook


def _share(after: Tensor, before: Tensor) -> np.ndarray:
    """Of nothing, nothing is taken: 1."""
    return torch.where(before > 0, after / before, torch.ones_like(after)).numpy()


def _cropped(places: np.ndarray, padded: Sequence[int], size: tuple[int, int]) -> np.ndarray:
    """Without the cells that saw nothing but padding."""
    rows = max(1, round(places.shape[0] * size[0] / padded[0]))
    columns = max(1, round(places.shape[1] * size[1] / padded[1]))
    return places[:rows, :columns]


def _stretched(values: np.ndarray) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    return np.zeros_like(values) if high <= low else (values - low) / (high - low)

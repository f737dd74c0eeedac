"""TaskAlignedDetect: TOOD's head: boxes and classes share layers and are brought to agree (arXiv:2108.07755)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yololab.blocks.conv import Conv
from yololab.heads.base import MAIN, Head, class_bias, constant_bias_
from yololab.heads.distances import decode_distances
from yololab.heads.group_conv import GroupConv
from yololab.structures import HeadMaps, Predictions

SIDES = 4
LEAST = 1e-30
"""Of 1 - p, so that the logit of p stays finite"""


class TaskLayers(nn.Module):
    """What one task takes of the shared layers: a gate for each of them from their means, then a 1x1 (eq. 3 and 4)."""

    def __init__(self, channels: int, layers: int) -> None:
        super().__init__()
        self.layers = layers
        self.gate = nn.Sequential(
            nn.Conv2d(channels * layers, max(1, channels // 8), 1), nn.ReLU(),
            nn.Conv2d(max(1, channels // 8), layers, 1), nn.Sigmoid(),
        )  # fmt: skip
        self.mix = nn.Sequential(nn.Conv2d(channels * layers, channels, 1), nn.ReLU())

    def forward(self, shared: Tensor) -> Tensor:
        """(B, layers * C, H, W) -> (B, C, H, W)."""
        gates = self.gate(shared.mean((2, 3), keepdim=True))
        return self.mix((shared.unflatten(1, (self.layers, -1)) * gates.unsqueeze(2)).flatten(1, 2))


class TaskAlignedDetect(Head):
    """`layers` shared 3x3 convolutions for all levels; maps are (B, 4 + num_classes, H, W): distances and logits.

    Probabilities are sqrt(p m), m a map from the shared layers (eq. 5). Every side of a box is taken where offsets from
    the shared layers say, between places (eq. 6). Distances are as they are, without a distribution.
    """

    is_unordered_on_cuda = True

    def __init__(
        self, in_channels: Sequence[int], *, strides: Sequence[int], num_classes: int, hidden: int = 128,
        layers: int = 6,
    ) -> None:  # fmt: skip
        super().__init__(in_channels, strides=strides, num_classes=num_classes)
        self.stems = nn.ModuleList(Conv(read, channels=hidden) for read in in_channels)
        self.shared = nn.ModuleList(GroupConv(hidden, hidden, 3, "relu") for _ in range(layers))
        self.for_classes, self.for_boxes = TaskLayers(hidden, layers), TaskLayers(hidden, layers)
        self.classes, self.box = (nn.Conv2d(hidden, outputs, 3, padding=1) for outputs in (num_classes, SIDES))
        self.scales = nn.Parameter(torch.ones(len(in_channels)))
        self.agree, self.where = (_aligning(hidden * layers, hidden // 4, outputs) for outputs in (1, 2 * SIDES))
        constant_bias_(self.box, 2.0)
        for predictor in (self.classes, self.agree[-1]):  # so that the root of their product is the prior, too
            constant_bias_(predictor, class_bias(num_classes, 16))  # type: ignore[arg-type]  # of the middle level

    def forward(self, features: list[Tensor]) -> dict[str, HeadMaps]:
        """Features (B, C, H, W) -> maps (B, 4 + num_classes, H, W)."""
        levels = []
        for scale, stem, feature in zip(self.scales, self.stems, features, strict=True):
            x, seen = stem(feature), []
            for layer in self.shared:
                x = layer(x)
                seen.append(x)
            shared = torch.cat(seen, dim=1)
            logits = agreed(self.classes(self.for_classes(shared)), self.agree(shared))
            distances = scale * self.box(self.for_boxes(shared))
            levels.append(torch.cat((resampled(distances, self.where(shared)), logits), dim=1))
        return {MAIN: HeadMaps(levels)}

    def decode(self, maps: HeadMaps, branch: str = MAIN) -> Predictions:
        """Raw maps -> predictions."""
        return decode_distances(maps, self.main_strides, None, self.num_classes)


def _aligning(read: int, hidden: int, outputs: int) -> nn.Sequential:
    last = nn.Conv2d(hidden, outputs, 3, padding=1)
    nn.init.zeros_(last.weight)
    nn.init.zeros_(last.bias)  # type: ignore[arg-type]
    return nn.Sequential(nn.Conv2d(read, hidden, 1), nn.ReLU(), last)


def agreed(logits: Tensor, agreement: Tensor) -> Tensor:
    """Logits of sqrt(sigmoid(logits) sigmoid(agreement)); (B, classes, H, W) and (B, 1, H, W)."""
    logits, agreement = logits.float(), agreement.float()
    half = (F.logsigmoid(logits) + F.logsigmoid(agreement)) / 2  # the logarithm of p
    beyond = (-logits).sigmoid() + logits.sigmoid() * (-agreement).sigmoid()  # 1 - p^2 = (1 - p) (1 + p)
    return half + torch.log(1 + half.exp()) - torch.log(beyond.clamp(min=LEAST))


def resampled(distances: Tensor, offsets: Tensor) -> Tensor:
    """Distances l, t, r, b in cells (B, 4, H, W), each side's edge taken between cells `offsets` (B, 8, H, W) away.

    An offset is a row and a column for each side. Edges beyond the map are those at its border.
    """
    distances, offsets = distances.float(), offsets.float()  # places in cells need more than 8 bits
    height, width = distances.shape[-2:]
    rows = torch.arange(height, device=distances.device, dtype=distances.dtype)[:, None].expand(height, width)
    columns = torch.arange(width, device=distances.device, dtype=distances.dtype)[None].expand(height, width)
    found = []
    for side, (along, sign) in enumerate(((columns, -1), (rows, -1), (columns, 1), (rows, 1))):
        edge = (along + sign * distances[:, side])[:, None]
        row, column = rows + offsets[:, 2 * side], columns + offsets[:, 2 * side + 1]
        grid = torch.stack(((2 * column + 1) / width - 1, (2 * row + 1) / height - 1), dim=-1)
        taken = F.grid_sample(edge, grid, mode="bilinear", padding_mode="border", align_corners=False)
        found.append(sign * (taken[:, 0] - along))
    return torch.stack(found, dim=1)

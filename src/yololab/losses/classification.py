"""Losses of class probabilities against soft targets: cross-entropy, weighed by how hard or how good an example is."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

FOCAL_ALPHA, FOCAL_GAMMA = 0.25, 2.0
QUALITY_BETA = 2.0
VARIFOCAL_ALPHA, VARIFOCAL_GAMMA = 0.75, 2.0
LEAST_MEAN = 0.2
"""Below this the mean overlap says more of a young network than of its examples (slide)"""
NAMES = ("bce", "focal", "quality_focal", "varifocal", "slide")


def weighed_cross_entropy(name: str, logits: Tensor, wanted: Tensor) -> Tensor:
    """Element by element, in float32: logits and targets in [0, 1] of one shape -> losses of that shape.

    bce: as it is. focal: (1 - p_t)^2, positives 0.25 (arXiv:1708.02002, eq. 5, targets mixed in as they are soft).
    quality_focal: |target - p|^2 (arXiv:2006.04388, eq. 5). varifocal: the target itself, and 0.75 p^2 where it is 0
    (arXiv:2008.13367, eq. 2). slide: e^(1 - m) just below the mean target m of the positives, falling to 1 at a target
    of 1, and 1 for what is easy (arXiv:2208.02019, eq. 1). The weights of slide and varifocal have no gradient.
    """
    logits = logits.float()
    entropy = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    if name == "bce":
        return entropy
    probability = logits.sigmoid()
    if name == "focal":
        right = wanted * probability + (1 - wanted) * (1 - probability)
        share = wanted * FOCAL_ALPHA + (1 - wanted) * (1 - FOCAL_ALPHA)
        return share * (1 - right) ** FOCAL_GAMMA * entropy
    if name == "quality_focal":
        return (wanted - probability).abs() ** QUALITY_BETA * entropy
    if name == "varifocal":
        weight = torch.where(wanted > 0, wanted, VARIFOCAL_ALPHA * probability.detach() ** VARIFOCAL_GAMMA)
        return weight * entropy
    return _slide(wanted) * entropy


def _slide(wanted: Tensor) -> Tensor:
    positive = wanted > 0
    mean = wanted.sum() / positive.sum().clamp(min=1)
    mean = mean.clamp(min=LEAST_MEAN)
    near = (wanted > mean - 0.1) & (wanted < mean)
    weight = torch.where(near, torch.exp(1 - mean), torch.ones_like(wanted))
    return torch.where(wanted >= mean, math.e * torch.exp(-wanted), weight)

"""What a detector must say of itself beside its tensors, so that it can be used far from the run that made it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from yololab.errors import YololabError
from yololab.metrics.nms import NMSConfig

KEY = "yololab"
"""Under which an exported file keeps its card, as JSON"""


@dataclass(frozen=True)
class Card:
    """Of a detector, in whatever file it lies."""

    name: str
    """STUDY/RUN, or the file that it was made of"""
    config: Mapping[str, Any]
    """Resolved, as the run froze it"""
    classes: tuple[str, ...]
    stride: int
    """Sides of the input are multiples of it"""
    masks: bool = False
    """Whether it predicts them"""
    batch: int | None = None
    """Images that an exported file takes at once; None: any number"""
    fixed: bool = False
    """Whether an exported file takes inputs of image_size x image_size alone"""
    nms: bool = False
    """Whether an exported file ends in suppression"""
    least: float = 0.0
    """Confidence from which on a file that ends in suppression finds anything"""

    @property
    def image_size(self) -> int:
        """Longer side of the input, in pixels."""
        return int(self.config["image_size"])

    @property
    def evaluation(self) -> NMSConfig:
        """Suppression as the run was judged."""
        found = self.config["recipe"]["evaluation"]
        return NMSConfig(**{key.name: found[key.name] for key in fields(NMSConfig) if key.name in found})

    @property
    def shrink(self) -> str:
        """How images are made smaller."""
        return str(self.config["recipe"]["evaluation"]["shrink"])

    @property
    def rectangular(self) -> bool:
        """Whether an input is no larger than its image needs."""
        return bool(self.config["recipe"]["evaluation"]["rectangular"]) and not self.fixed

    def to_json(self) -> str:
        """For the metadata of an exported file."""
        return json.dumps(asdict(self), sort_keys=True)


def card_of(text: str | None, where: object) -> Card:
    """The card that an exported file holds. YololabError where there is none that can be read."""
    try:
        found = json.loads(text or "")
        card = Card(**{**found, "classes": tuple(map(str, found["classes"]))})
        kinds = ((card.masks, bool), (card.fixed, bool), (card.nms, bool), (card.name, str), (card.stride, int))
        if not all(isinstance(value, kind) for value, kind in kinds) or "\0" in card.name:
            raise ValueError
        if card.batch is not None and (not isinstance(card.batch, int) or card.batch < 1):
            raise ValueError
        if not card.classes or card.image_size < 1 or card.stride < 1 or not card.shrink or not card.evaluation:
            raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise YololabError(
            f"{where}: holds no description of the detector, as a file of yololab export does; name the run, or a "
            "checkpoint with the choices that built it: model=... scale=..."
        ) from error
    return card

"""What a configuration allows and a person rarely means: said before anything is trained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def remarks_on(config: Mapping[str, Any]) -> list[str]:
    """Of a checked configuration, a sentence each."""
    found = []
    recipe, place = config["recipe"], config["insert_pos"]
    if recipe["lr"] == 0:
        found.append("recipe.lr=0: nothing will be learnt")
    own = [key for key in ("after", "into") if place.get(key)]
    if own and not config["attention"].get("_target_"):
        found.append(f"insert_pos.{own[0]} names places, and attention=none inserts nothing there")
    patience, every = recipe["patience"], recipe["evaluation"]["every"]
    if patience is not None and patience < every:
        found.append(
            f"recipe.patience={patience} is less than recipe.evaluation.every={every}: one evaluation without a better "
            "mAP ends the training"
        )
    return found


def remark_on_batch(batch_size: int, images: int) -> list[str]:
    """Where a batch is larger than the training split."""
    if batch_size <= images:
        return []
    return [
        f"recipe.batch_size={batch_size} is more than the {images} training images: an epoch is one batch of {images}"
    ]

"""The batch at which training diverged, kept for a look: its numbers, its tensors, a sheet of its images."""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from safetensors import SafetensorError
from safetensors.torch import save_file

from yololab.data.batch import Batch
from yololab.data.detection_data import DetectionData
from yololab.files import read_json, whole_file, write_text
from yololab.run.drawing import draw_boxes
from yololab.terminal import drawn_text
from yololab.training.divergence import ADVICE, Diverged
from yololab.training.ranks import rank

FACTS = "batch.json"
MOST_SHOWN = 16
TILE = 360
"""Longer side of an image on the sheet, in pixels"""
GAP = 6


def keep_batch(folder: Path, error: Diverged, data: DetectionData) -> Path:
    """Write diverged/ (further ranks: diverged_rank1/, ...) into a run's folder and return it.

    batch.json has the place, the term that broke, all loss terms, the learning rate and the images; batch.safetensors
    has images (B, 3, H, W) uint8, boxes_xyxy (B, M, 4) in pixels, labels (B, M) and valid (B, M); batch.png shows up to
    16 of them as training saw them. What a full disk has no room for is left out; nothing is written through a link.
    """
    kept = folder / ("diverged" if rank() == 0 else f"diverged_rank{rank()}")
    if kept.is_symlink():
        return kept
    with contextlib.suppress(OSError):
        kept.mkdir(exist_ok=True)
        write_text(kept / FACTS, json.dumps(_facts(error, data), indent=1))
    with contextlib.suppress(OSError, cv2.error), whole_file(kept / "batch.png") as temporary:
        temporary.write_bytes(cv2.imencode(".png", _sheet(error.batch, data))[1].tobytes())
    with contextlib.suppress(OSError, SafetensorError), whole_file(kept / "batch.safetensors") as temporary:
        targets = error.batch.targets
        tensors = {"images": error.batch.images, "boxes_xyxy": targets.boxes_xyxy}
        tensors |= {"labels": targets.labels, "valid": targets.valid}
        save_file({name: tensor.cpu().contiguous() for name, tensor in tensors.items()}, temporary)
    return kept


def kept_elsewhere(folder: Path) -> str | None:
    """What another rank that kept its batch has found, in a line; None where none has."""
    for path in sorted(folder.glob(f"diverged_rank*/{FACTS}")):
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            found = read_json(path)
            place = f"epoch {found['epoch'] + 1}, batch {found['batch'] + 1} of {found['split']}"
            return f"{place}: the {found['what']} is {found['value']}; its batch is in {path.parent}; {ADVICE}"
    return None


def _facts(error: Diverged, data: DetectionData) -> dict[str, Any]:
    records = [data.records[index] for index in error.batch.indices]
    return {
        **error.place,
        "what": error.what,
        "value": str(error.value),
        "terms": {name: value if math.isfinite(value) else str(value) for name, value in error.terms.items()},
        "images": [
            {"index": index, "name": record.name, "path": None if record.path is None else str(record.path)}
            for index, record in zip(error.batch.indices, records, strict=True)
        ],
    }


def _sheet(batch: Batch, data: DetectionData) -> np.ndarray:
    tiles = [_tile(batch, row, data) for row in range(min(len(batch.indices), MOST_SHOWN))]
    columns = math.ceil(math.sqrt(len(tiles)))
    height, width = tiles[0].shape[:2]
    rows = math.ceil(len(tiles) / columns)
    sheet = np.full((rows * (height + GAP) - GAP, columns * (width + GAP) - GAP, 3), 255, np.uint8)
    for number, tile in enumerate(tiles):
        top, left = number // columns * (height + GAP), number % columns * (width + GAP)
        sheet[top : top + height, left : left + width] = tile
    return sheet


def _tile(batch: Batch, row: int, data: DetectionData) -> np.ndarray:
    valid = batch.targets.valid[row].cpu().numpy()
    boxes = batch.targets.boxes_xyxy[row].cpu().numpy()[valid]
    labels = batch.targets.labels[row].cpu().numpy()[valid]
    shown = np.isfinite(boxes).all(axis=1)  # others may be what broke the loss
    boxes, labels = boxes[shown].clip(-1e4, 1e4), labels[shown]
    image = np.ascontiguousarray(batch.images[row].permute(1, 2, 0).cpu().numpy()[..., ::-1])
    names = [drawn_text(data.classes[label]) for label in labels]
    return draw_boxes(image, boxes, labels, names, data.classes, longest_side=TILE)

"""The weights of a finished run for others: safetensors, a format that holds numbers and text and can hold no code."""

from __future__ import annotations

import json
from pathlib import Path

from yololab.detector.weights import read_checkpoint
from yololab.errors import YololabError
from yololab.files import whole_file
from yololab.run.folder import RunFolder


def export_weights(folder: RunFolder, path: Path) -> int:
    """Write the detector that a run's record judges, its averaged weights in training form; how many tensors.

    YololabError where the run is not done, or its last checkpoint is gone or damaged.
    """
    from safetensors.torch import save_file

    record = folder.record()
    if record is None:
        raise YololabError(f"{folder.path}: not done, so it has no weights to give away yet")
    if not folder.last_checkpoint.is_file():
        raise YololabError(
            f"{folder.last_checkpoint}: no such file; yololab gc --keep last keeps the checkpoint that a record judges"
        )
    state = {name: value.contiguous() for name, value in read_checkpoint(folder.last_checkpoint).items()}
    told = {
        "run": record.run_id,
        "study": record.study,
        "mAP": json.dumps(record.metrics.get("mAP")),
        "classes": json.dumps(record.classes),
        "choices": json.dumps(record.choices, sort_keys=True),
        "overrides": json.dumps(record.overrides),
    }
    with whole_file(path) as temporary:
        save_file(state, temporary, metadata=told)
    return len(state)

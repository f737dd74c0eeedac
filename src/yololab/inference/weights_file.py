"""The weights of a detector for others: safetensors, a format that holds numbers and text and can hold no code."""

from __future__ import annotations

import json
from pathlib import Path

from yololab.errors import ConfigError
from yololab.files import whole_file
from yololab.inference.card import KEY
from yololab.inference.loaded import Loaded


def write_weights(model: Loaded, path: Path) -> int:
    """Write the detector in training form, the averaged weights that a record judges, with its card; how many tensors.

    `weights=FILE` starts a training from it, and `yololab.load` reads it far from the run. ConfigError for an exported
    file, which has no such weights any more.
    """
    from safetensors.torch import save_file

    if model.detector is None:
        raise ConfigError(f"{model.card.name}: exported already; export the run that it came from")
    state = {name: value.contiguous() for name, value in model.detector.state_dict().items()}
    told = {KEY: model.card.to_json(), "run": model.card.name, "classes": json.dumps(model.classes)}
    with whole_file(path) as temporary:
        save_file(state, temporary, metadata=told)
    return len(state)

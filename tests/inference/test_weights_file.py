from __future__ import annotations

import pytest
import torch
from safetensors import safe_open

import yololab
from yololab.errors import ConfigError
from yololab.inference.loaded import Loaded
from yololab.inference.weights_file import write_weights


def test_the_averaged_weights_leave_and_start_another_training(folder, loaded, tmp_path):
    path = tmp_path / "weights.safetensors"
    count = write_weights(loaded, path)
    with safe_open(path, "pt") as found:
        assert found.metadata()["run"] == f"smoke/{folder.name}"
        names = set(found.keys())
    checkpoint = torch.load(folder.last_checkpoint, weights_only=True)["state_dict"]
    assert names == {key.removeprefix("ema.model.") for key in checkpoint if key.startswith("ema.model.")}
    assert len(names) == count
    detector = yololab.build(["experiment=smoke", f"weights={path}"])
    assert all(torch.equal(value, checkpoint[f"ema.model.{key}"]) for key, value in detector.state_dict().items())


def test_an_exported_file_has_none(loaded, tmp_path):
    with pytest.raises(ConfigError, match="exported already"):
        write_weights(Loaded(loaded.backend, loaded.card), tmp_path / "a.safetensors")

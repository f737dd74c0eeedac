from __future__ import annotations

import pytest
import torch

from yololab.errors import YololabError
from yololab.inference.export_formats import FORMATS, NAMES, Prepared, need
from yololab.inference.exported import Exported
from yololab.metrics.nms import NMSConfig


@pytest.fixture
def prepared(loaded):
    network = Exported(loaded.detector.deploy())
    return Prepared(network, torch.zeros(1, 3, 64, 64), loaded.card, dynamic=False, half=False)


def test_outputs_are_named_after_what_they_hold(prepared, with_masks):
    assert prepared.outputs == ["boxes", "scores"]
    network = Exported(with_masks.detector.deploy(), NMSConfig(0.2, 0.5, 10, False))
    card = type(with_masks.card)(**{**vars(with_masks.card), "nms": True})
    assert Prepared(network, prepared.images, card, False, False).outputs == ["detections", "prototypes"]


def test_every_format_has_an_ending_of_its_own():
    assert len({chosen.suffix for chosen in FORMATS.values()}) == len(FORMATS)
    assert set(NAMES) == {*FORMATS, "safetensors"}


def test_core_ml_writes_no_suppression(prepared, tmp_path):
    card = type(prepared.card)(**{**vars(prepared.card), "nms": True})
    inside = Prepared(prepared.network, prepared.images, card, False, False)
    with pytest.raises(YololabError, match="suppression inside is not written"):
        FORMATS["coreml"].write(inside, tmp_path / "a.mlpackage")


def test_a_tool_that_is_missing_is_named(monkeypatch):
    assert need("json", "json").dumps(1) == "1"
    with pytest.raises(YololabError, match=r"pip install 'yololab\[none\]'"):
        need("no_such_module_anywhere", "none")


def test_an_engine_needs_the_gpu_that_will_run_it(prepared, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tensorrt", object())
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(YololabError, match="there is none here"):
        FORMATS["tensorrt"].write(prepared, tmp_path / "a.engine")

"""The Python interface: its docstrings' examples, run."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

import yololab
import yololab.inference.model
import yololab.study.handle
from yololab.errors import ConfigError


@pytest.mark.parametrize("module", [yololab, yololab.inference.model, yololab.study.handle], ids=lambda m: m.__name__)
def test_examples_of_docstrings_hold(module, place, run_ids, tmp_path):
    study = place / "runs" / "smoke"
    names = {"RUN": study / run_ids[0], "STUDY": study, "FOLDER": tmp_path}
    found = doctest.testmod(module, extraglobs=names, optionflags=doctest.ELLIPSIS)
    assert found.attempted > 0
    assert found.failed == 0


def test_words_from_elsewhere_are_answered(place, run_ids):
    model = yololab.load(place / "runs" / "smoke" / run_ids[0], device="cpu")
    image = np.zeros((32, 40, 3), np.uint8)
    with pytest.raises(ConfigError, match="conf: there is no such option; here it is confidence"):
        model.predict(image, conf=0.5)
    with pytest.raises(ConfigError, match="hlaf: there is no such option; did you mean 'half'"):
        model.export("onnx", "a", hlaf=True)
    assert set(model(image, confidence=0.0, classes=[1], max_detections=3)[0].names) == {"square"}
    assert set(model(image, confidence=0.0, classes="disc", max_detections=3)[0].names) == {"disc"}


def test_a_model_says_what_it_is(place, run_ids):
    model = yololab.load(place / "runs" / "smoke" / run_ids[0], device="cpu")
    assert repr(model) == f"Model('smoke/{run_ids[0]}', 3 classes, 64, PyTorch)"
    [found] = model.predict(np.zeros((32, 40, 3), np.uint8), confidence=0.0, max_detections=2)
    assert (found.width, found.height, len(found)) == (40, 32, 2)

"""The Python interface: its docstrings' examples, run."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

import yololab
import yololab.inference.model
import yololab.study.handle


@pytest.mark.parametrize("module", [yololab, yololab.inference.model, yololab.study.handle], ids=lambda m: m.__name__)
def test_examples_of_docstrings_hold(module, place, run_ids, tmp_path):
    study = place / "runs" / "smoke"
    names = {"RUN": study / run_ids[0], "STUDY": study, "FOLDER": tmp_path}
    found = doctest.testmod(module, extraglobs=names, optionflags=doctest.ELLIPSIS)
    assert found.attempted > 0
    assert found.failed == 0


def test_a_model_says_what_it_is(place, run_ids):
    model = yololab.load(place / "runs" / "smoke" / run_ids[0], device="cpu")
    assert repr(model) == f"Model('smoke/{run_ids[0]}', 3 classes, 64, PyTorch)"
    [found] = model.predict(np.zeros((32, 40, 3), np.uint8), confidence=0.0, max_detections=2)
    assert (found.width, found.height, len(found)) == (40, 32, 2)

"""A file that is another network is told from one that rounds otherwise."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from yololab.inference import export_check
from yololab.inference.export_check import compare
from yololab.inference.export_options import ExportOptions
from yololab.inference.exported import Exported


class Changed:
    """A runtime whose outputs differ from PyTorch's by `change`."""

    def __init__(self, network, change):
        self.network, self.change = network, change

    def raw(self, images):
        with torch.no_grad():
            return self.change([part.clone() for part in self.network(images)])


def compared(monkeypatch, tmp_path, loaded, change, options=ExportOptions()):  # noqa: B008
    card = replace(loaded.card, nms=options.nms)
    suppression = export_check.suppression_of(card, options) if options.nms else None
    backend = Changed(Exported(loaded.detector.deploy(), suppression), change)
    monkeypatch.setitem(export_check.OPENERS, ".onnx", lambda path: (backend, card))
    return compare(loaded.detector, card, options, tmp_path / "a.onnx", torch.rand(4, 3, 64, 64))


def shifted(place, amount):
    def change(parts):
        parts[place] = parts[place] + amount
        return parts

    return change


def test_the_same_network_is_the_same(monkeypatch, tmp_path, loaded):
    found = compared(monkeypatch, tmp_path, loaded, lambda parts: parts)
    assert found.fault is None
    assert "boxes within 0 px, scores within 0" in found.text


@pytest.mark.parametrize(("place", "amount"), [(0, 1.0), (1, 0.1), (2, 1.0), (3, 5.0), (1, float("nan"))])
def test_boxes_scores_coefficients_and_prototypes_are_all_compared(monkeypatch, tmp_path, with_masks, place, amount):
    assert compared(monkeypatch, tmp_path, with_masks, shifted(place, amount)).fault is not None
    assert compared(monkeypatch, tmp_path, with_masks, lambda parts: parts).fault is None


@pytest.mark.parametrize("change", [lambda parts: [parts[0] * 0], shifted(0, 9.0), lambda parts: [parts[0][:, 5:]]])
def test_objects_that_suppression_leaves_must_be_found_again(monkeypatch, tmp_path, loaded, change):
    options = ExportOptions(nms=True, confidence=0.001, max_detections=20)
    assert compared(monkeypatch, tmp_path, loaded, lambda parts: parts, options).fault is None
    assert "are not found again" in compared(monkeypatch, tmp_path, loaded, change, options).fault


def test_where_there_was_nothing_to_compare_it_is_said(monkeypatch, tmp_path, loaded):
    found = compared(monkeypatch, tmp_path, loaded, lambda parts: parts, ExportOptions(nms=True, confidence=0.99))
    assert "was not put to the test" in found.text

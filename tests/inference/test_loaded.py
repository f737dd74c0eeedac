"""Predictions: the same network inputs, boxes and scores as in evaluation, in pixels of the image."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from yololab.assemble import make_parts
from yololab.data.batch import normalised
from yololab.data.dataset import EvalDataset
from yololab.errors import ConfigError
from yololab.inference.backend import TorchBackend
from yololab.inference.loaded import Loaded, Thresholds, inputs_of, on_pytorch
from yololab.inference.sources import Frame
from yololab.metrics.nms import NMSConfig, suppress

ALL = Thresholds(confidence=0.0, max_detections=5)


def frames(loaded, count=4):
    records = make_parts(loaded.card.config).source.read("val").records[:count]
    return [Frame(record.name, record.pixels) for record in records]


def test_inputs_are_those_of_the_evaluation(loaded):
    data = make_parts(loaded.card.config).source.read("val")
    expected = EvalDataset(data, image_size=64, shrink=loaded.card.shrink)
    found = inputs_of([Frame(record.name, record.pixels) for record in data.records], loaded.card)
    assert all(torch.equal(item.image, expected[index].image) for index, item in enumerate(found))


def test_predictions_are_what_suppression_leaves_of_the_network(loaded):
    image = frames(loaded, 1)
    [(_, found)] = loaded.stream(image, ALL)
    item = inputs_of(image, loaded.card)[0]
    with torch.no_grad():
        network = loaded.detector.deploy().to(memory_format=torch.channels_last)
        raw = network(normalised(item.image[None]))
    [expected] = suppress(raw, NMSConfig(0.0, loaded.card.evaluation.iou, 5, False))
    assert found.boxes_xyxy == pytest.approx(item.letterbox.to_original(expected.boxes_xyxy.numpy()))
    assert found.scores == pytest.approx(expected.scores.numpy())
    assert found.labels.tolist() == expected.labels.tolist()


def test_batches_of_any_size_find_the_same(loaded):
    alone = [found for _, found in loaded.stream(frames(loaded), ALL, 1)]
    together = [found for _, found in loaded.stream(frames(loaded), ALL, 3)]
    for first, second in zip(alone, together, strict=True):
        assert first.boxes_xyxy == pytest.approx(second.boxes_xyxy, abs=1e-3)
        assert first.scores == pytest.approx(second.scores, abs=1e-5)


def test_images_of_any_shape_stay_in_order_and_boxes_within_them(loaded):
    rng = np.random.default_rng(0)
    shapes = [(40, 90), (90, 40), (64, 64), (40, 90), (1, 200), (300, 7)]
    images = [Frame(str(i), rng.integers(0, 255, (*shape, 3)).astype(np.uint8)) for i, shape in enumerate(shapes)]
    recipe = {**loaded.card.config["recipe"], "evaluation": {**loaded.card.config["recipe"]["evaluation"]}}
    recipe["evaluation"]["rectangular"] = True
    rectangular = Loaded(loaded.backend, replace(loaded.card, config={**loaded.card.config, "recipe": recipe}))
    for one in (loaded, rectangular):
        found = [prediction for _, prediction in one.stream(images, ALL)]
        assert [(p.height, p.width) for p in found] == shapes
        assert [p.name for p in found] == list("012345")
        for p in found:
            assert (p.boxes_xyxy >= 0).all()
            assert (p.boxes_xyxy <= [p.width, p.height, p.width, p.height]).all()


def test_only_wanted_classes_are_found(loaded):
    [(_, every)] = loaded.stream(frames(loaded, 1), replace(ALL, max_detections=300))
    assert len(set(every.names)) > 1
    [(_, found)] = loaded.stream(frames(loaded, 1), replace(ALL, classes=["square"], max_detections=300))
    assert set(found.names) == {"square"}
    with pytest.raises(ConfigError, match="'sqare' is none of the detector's; did you mean 'square'"):
        list(loaded.stream(frames(loaded, 1), replace(ALL, classes=["sqare"])))


@pytest.mark.parametrize(
    "wrong", [{"confidence": 2}, {"iou": -0.1}, {"max_detections": 0}, {"confidence": float("nan")}]
)
def test_thresholds_out_of_range_are_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Thresholds(**wrong)


def test_masks_have_the_images_size_and_lie_in_their_boxes(with_masks):
    image = Frame("wide", np.random.default_rng(0).integers(0, 255, (50, 120, 3)).astype(np.uint8))
    [(_, found)] = with_masks.stream([image], ALL)
    assert found.masks.shape == (5, 50, 120)
    assert found.masks.dtype == bool
    for mask, box in zip(found.masks, found.boxes_xyxy, strict=True):
        rows, columns = np.nonzero(mask)
        if len(rows):
            assert columns.min() >= np.floor(box[0])
            assert columns.max() < np.ceil(box[2])
            assert rows.min() >= np.floor(box[1])
            assert rows.max() < np.ceil(box[3])
    [(_, none)] = with_masks.stream([image], Thresholds(confidence=1.0))
    assert none.masks.shape == (0, 50, 120)


def test_the_training_form_is_another_network_with_the_same_answers(loaded):
    trained = on_pytorch(loaded, torch.device("cpu"), deploy=False)
    assert isinstance(trained.backend, TorchBackend)
    assert trained.backend.detector is loaded.detector
    [(_, first)], [(_, second)] = (one.stream(frames(loaded, 1), ALL) for one in (loaded, trained))
    assert first.scores == pytest.approx(second.scores, abs=1e-5)

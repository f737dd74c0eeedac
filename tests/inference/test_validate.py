from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from inference.conftest import trained
from yololab.errors import ConfigError, DataError
from yololab.inference.load import load
from yololab.inference.loaded import Loaded
from yololab.inference.validate import label_map, validate


def same(first, second):
    return first.keys() == second.keys() and all(
        a == second[key] or (np.isnan(a) and np.isnan(second[key])) for key, a in first.items()
    )


def test_a_run_judged_again_has_the_very_numbers_of_its_record(folder, loaded):
    record, found = folder.record(), validate(loaded)
    assert same(found.metrics, record.metrics)
    assert all(same(found.per_class[name], numbers) for name, numbers in record.per_class.items())
    assert (found.split, found.images) == ("val", 8)


def test_masks_and_rectangles_too(tmp_path):
    options = ["task=segment", "recipe.evaluation.rectangular=true", "recipe.batch_size=3"]
    folder = trained(tmp_path, *options)
    assert same(validate(load(folder.path, device="cpu")).metrics, folder.record().metrics)


def test_other_splits_and_other_data(loaded):
    assert validate(loaded, split="train").images == 16
    found = validate(loaded, ["data.val=4"])
    assert found.images == 4
    assert validate(loaded, ["data=shapes", "data.size=64", "data.val=3"]).images == 3
    with pytest.raises(ConfigError, match="split=tset: expected one of train, val, test; did you mean 'test'"):
        validate(loaded, split="tset")


def test_classes_are_matched_by_name(loaded):
    fewer = validate(loaded, ["data.classes=[square,disc]"])
    assert list(fewer.per_class) == ["square", "disc"]
    labels = fewer.evaluation.detections[:, 6]
    assert set(labels.astype(int)) <= {1, 2}
    with pytest.raises(ConfigError, match="does not know star; it knows disc, square, triangle"):
        validate(loaded, ["data.classes=[star]"])


def test_classes_that_the_data_lack_do_not_fill_an_images_limit(loaded):
    few = ["recipe.evaluation.max_detections=3", "data.classes=[square]"]
    found = validate(loaded, few).evaluation.detections
    counts = np.unique(found[:, 0], return_counts=True)[1]
    assert counts.tolist() == [3] * 8


@pytest.mark.parametrize(
    ("overrides", "message"),
    [(["image_size=65"], "expected a multiple of 32"), (["data.root=[1"], "data.root"), ("data.val=3", None)],
)
def test_what_cannot_be_judged_is_refused(loaded, overrides, message):
    if message is None:
        assert validate(loaded, overrides).images == 3  # one text is one override
        return
    with pytest.raises(ConfigError, match=message):
        validate(loaded, overrides)


def test_a_file_that_ends_in_suppression_is_not_judged(loaded):
    card = replace(loaded.card, nms=True, least=0.25)
    with pytest.raises(ConfigError, match="was exported with nms, from confidence 0.25 on"):
        validate(Loaded(loaded.backend, card))
    fixed = Loaded(loaded.backend, replace(loaded.card, fixed=True))
    for words in ("image_size=128", "recipe.evaluation.rectangular=true"):
        with pytest.raises(ConfigError, match="takes squares of 64 alone"):
            validate(fixed, [words])


def test_labels_follow_the_names():
    assert label_map(("a", "b", "c"), ("c", "a")).tolist() == [1, -1, 0]


def test_a_split_without_an_object_cannot_be_judged(loaded, tmp_path):
    for folder in ("images", "labels"):
        (tmp_path / folder).mkdir()
    cv2.imwrite(str(tmp_path / "images" / "a.png"), np.zeros((64, 64, 3), np.uint8))
    (tmp_path / "labels" / "a.txt").write_text("")
    (tmp_path / "data.yaml").write_text("train: images\nval: images\nnames: [disc, square, triangle]\n")
    with pytest.raises(DataError, match="no object in any of its images"):
        validate(loaded, ["data=yolo", f"data.root={tmp_path}"])


def test_the_branch_that_answers_is_the_one_that_is_asked_for(tmp_path, monkeypatch):
    folder = trained(tmp_path, "model=yolov10", "head=one_to_one", "recipe.epochs=3")
    model = load(folder.path, device="cpu")
    assert same(validate(model).metrics, folder.record().metrics)
    detected = {}
    for nms in ("none", "nms"):
        found = validate(model, [f"recipe.evaluation.nms={nms}", "recipe.evaluation.confidence=0.0"])
        assert model.detector.head.answer == "one2one", "only for a while"
        detected[nms] = found.evaluation.detections
    assert not np.array_equal(detected["none"], detected["nms"])
    file = Loaded(model.backend, model.card)
    with pytest.raises(ConfigError, match="holds the branch for none; judge the run"):
        validate(file, ["recipe.evaluation.nms=nms"])

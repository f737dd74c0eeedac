from __future__ import annotations

import os

import cv2
import numpy as np
import pytest

from data.case import write_yolo
from yololab.config.compose import compose
from yololab.data import ShapesSource, YOLOSource
from yololab.data.similar import ALIKE, look_of, similar_pairs
from yololab.data.splits import read_splits


@pytest.fixture(scope="module")
def images():
    return [record.pixels for record in ShapesSource(train=40, val=1, size=160, max_objects=8).read("train").records]


def bits(first, second):
    return bin(int(first, 16) ^ int(second, 16)).count("1")


def saved(image, quality):
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


CHANGES = {
    "saved again": lambda image: saved(image, 60),
    "half the size": lambda image: cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
    "larger": lambda image: cv2.resize(image, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC),
    "brighter": lambda image: cv2.convertScaleAbs(image, alpha=1.0, beta=15),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_same_picture_is_found_among_others(images, change):
    pictures = [cv2.GaussianBlur(image, (0, 0), 3) for image in images]  # photographs have no noise of single pixels
    looks, changed = [look_of(image) for image in pictures], look_of(CHANGES[change](pictures[7]))
    assert bits(looks[7], changed) <= ALIKE
    assert similar_pairs(looks, [looks[3], changed]) == [(3, 0), (7, 1)]


def test_other_pictures_differ(images):
    looks = [look_of(image) for image in images]
    assert similar_pairs(looks[:20], looks[20:]) == []


def test_flat_images_are_like_no_other():
    flat = np.full((40, 60, 3), 127, np.uint8)
    assert look_of(flat) == ""
    assert similar_pairs([""], ["", look_of(flat)]) == []
    assert similar_pairs([], ["00" * 32]) == []


def test_grey_images_are_hashed_too(images):
    grey = cv2.cvtColor(images[0], cv2.COLOR_BGR2GRAY)
    assert look_of(grey) == look_of(images[0])


def test_a_picture_that_is_trained_on_and_judged_is_noted_though_its_bytes_differ(tmp_path, images):
    write_yolo(tmp_path, {"a": "0 0.5 0.5 0.3 0.3"})
    picture = cv2.GaussianBlur(images[0], (0, 0), 2)
    for split, quality in (("train", 95), ("val", 70)):
        (tmp_path / "images" / split).mkdir()
        (tmp_path / "labels" / split).mkdir()
        cv2.imwrite(str(tmp_path / "images" / split / "x.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        (tmp_path / "labels" / split / "x.txt").write_text("0 0.5 0.5 0.3 0.3")
    (tmp_path / "data.yaml").write_text("train: images/train\nval: images/val\nnames: [cat, dog]\n")
    splits = read_splits(YOLOSource(str(tmp_path), on_error="refuse"), None)
    (problem,) = splits.val.problems.problems
    assert problem.kind == "similar image in two splits"
    assert problem.detail == "it looks like x.jpg of the train split"


@pytest.mark.skipif("YOLOLAB_BCCD" not in os.environ, reason="YOLOLAB_BCCD names no folder with BCCD")
def test_bccd_judges_one_smear_that_it_trains_on():
    from yololab.assemble import make_parts

    splits = read_splits(make_parts(compose(["data=bccd", "data.final=test"])).source, None)
    found = [p for data in splits.by_name.values() for p in data.problems.problems if p.kind.startswith("similar")]
    assert [(os.path.basename(p.file), p.detail) for p in found] == [
        ("BloodImage_00037.jpg", "it looks like BloodImage_00038 of the train split")
    ]

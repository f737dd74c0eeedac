from __future__ import annotations

import json

import pytest

from data.case import write_coco
from yololab.data import COCOSource
from yololab.data.dataset import EvalDataset
from yololab.errors import ConfigError, DataError

IMAGE = {"id": 3, "file_name": "a.jpg", "width": 40, "height": 30}
GOOD = {"id": 1, "image_id": 3, "category_id": 9, "bbox": [5, 6, 15, 10]}
CATEGORIES = [{"id": 7, "name": "cat"}, {"id": 9, "name": "dog"}]
RING = [[5, 6, 20, 6, 20, 16, 5, 16]]


def source(root, raw=None, on_error="drop", classes=None, **changes):
    write_coco(root, [{"id": 3, "file_name": "a.jpg"}], [])
    content = {"images": [IMAGE], "categories": CATEGORIES, "annotations": [GOOD]} | changes
    text = json.dumps(content) if raw is None else raw
    (root / "annotations.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    place = ("annotations.json", "images")
    return COCOSource(str(root), place, place, on_error=on_error, classes=classes)


def with_bad(root, **changes):
    """A good annotation and another one, changed."""
    return source(root, annotations=[GOOD, {**GOOD, "id": 2, "bbox": [1, 1, 9, 9], **changes}])


def rle(counts, size=(30, 40)):
    return {"size": list(size), "counts": counts}


BAD_ANNOTATIONS = {
    "iscrowd as text": {"iscrowd": "0"},
    "iscrowd 2": {"iscrowd": 2},
    "image id as text": {"image_id": "3"},
    "image id in a list": {"image_id": [3]},
    "image id 3.5": {"image_id": 3.5},
    "category in a list": {"category_id": [9]},
    "own id in a list": {"id": [2]},
    "bbox as text": {"bbox": ["1", "1", "9", "9"]},
    "bbox of True": {"bbox": [True, True, 9, 9]},
    "bbox NaN": {"bbox": [float("nan"), 1, 9, 9]},
    "bbox huge": {"bbox": [10**400, 1, 9, 9]},
    "flat polygon": {"segmentation": [5, 6, 20, 6, 20, 16]},
    "polygon NaN": {"segmentation": [[5, 6, float("nan"), 6, 20, 16]]},
    "polygon of text": {"segmentation": [["5", "6", "20", "6", "20", "16"]]},
    "polygon null": {"segmentation": [None]},
    "polygon far away": {"segmentation": [[5, 6, 1e9, 6, 20, 16]]},
    "polygon outside": {"segmentation": [[-5, -6, -2, -6, -2, -1]]},
    "polygon without area": {"segmentation": [[5, 6, 10, 6, 20, 6]]},
    "polygon short": {"segmentation": [[5, 6, 10, 6]]},
    "segmentation as text": {"segmentation": "abc"},
    "segmentation a number": {"segmentation": 5},
    "rle of another size": {"segmentation": rle([1200], (40, 30))},
    "rle of absurd size": {"segmentation": rle([10**12], (10**6, 10**6))},
    "rle of absurd size as text": {"segmentation": rle("abc", (10**6, 10**6))},
    "rle too short": {"segmentation": rle([0, 30])},
    "rle too long": {"segmentation": rle([0, 1300])},
    "rle negative": {"segmentation": rle([-30, 1230])},
    "rle of floats": {"segmentation": rle([0.0, 1200.0])},
    "rle of nothing": {"segmentation": rle([])},
    "rle of garbage": {"segmentation": rle("~~~~\u00e9")},
    "rle cut": {"segmentation": rle("0P")},
    "rle without counts": {"segmentation": {"size": [30, 40]}},
    "rle without size": {"segmentation": {"counts": [1200]}},
    "rle counts null": {"segmentation": rle(None)},
    "rle size as text": {"segmentation": rle([1200], ("30", "40"))},
}


@pytest.mark.parametrize("kind", BAD_ANNOTATIONS)
def test_an_annotation_that_cannot_be_used_is_named_and_the_others_are_read(tmp_path, kind):
    data = with_bad(tmp_path, **BAD_ANNOTATIONS[kind]).read("train")
    (problem,) = data.problems.problems
    assert problem.kind == "unreadable annotation"
    assert "annotations.json" in problem.file
    assert len(data.records[0]) == 1
    data.fingerprint()
    bad = {**GOOD, "id": 2, "bbox": [1, 1, 9, 9], **BAD_ANNOTATIONS[kind]}
    refusing = source(tmp_path, on_error="refuse", annotations=[GOOD, bad])
    with pytest.raises(DataError, match=r"annotations.json"):
        refusing.read("train")


@pytest.mark.parametrize("area", [float("nan"), float("inf"), -5, 0, "big", [225], True, 10**400])
def test_an_area_that_is_none_is_replaced_by_the_boxs(tmp_path, area):
    data = with_bad(tmp_path, area=area).read("train")
    assert [(p.kind, p.action) for p in data.problems.problems] == [("wrong area", "replaced")]
    assert data.records[0].areas.tolist() == [150, 81]


BAD_IMAGES = {
    "no file name": {"id": 4},
    "file name a number": {"id": 4, "file_name": 5},
    "leads out": {"id": 4, "file_name": "../images/a.jpg"},
    "absolute": {"id": 4, "file_name": "/etc/passwd"},
    "id as text": {"id": "3", "file_name": "a.jpg"},
    "id 3.5": {"id": 3.5, "file_name": "a.jpg"},
    "id in a list": {"id": [4], "file_name": "a.jpg"},
    "id negative": {"id": -1, "file_name": "a.jpg"},
    "id huge": {"id": 2**63, "file_name": "a.jpg"},
    "id true": {"id": True, "file_name": "a.jpg"},
    "null": None,
    "name no UTF-8": {"id": 4, "file_name": "\ud800.jpg"},
}


@pytest.mark.parametrize("kind", BAD_IMAGES)
def test_an_image_entry_that_cannot_be_used_is_named_and_the_others_are_read(tmp_path, kind):
    data = source(tmp_path, images=[IMAGE, BAD_IMAGES[kind]]).read("train")
    assert [record.image_id for record in data.records] == [3]
    (problem,) = data.problems.problems
    assert problem.kind in ("unreadable image entry", "unreadable image")
    data.problems.to_json().encode()


BAD_CATEGORIES = {
    "null": None,
    "a mapping": {},
    "none": [],
    "null inside": [None],
    "id twice": [{"id": 7, "name": "cat"}, {"id": 7, "name": "dog"}],
    "name twice": [{"id": 7, "name": "cat"}, {"id": 9, "name": "cat"}],
    "name a number": [{"id": 7, "name": 3}],
    "id as text": [{"id": "7", "name": "cat"}, {"id": 9, "name": "dog"}],
    "no name": [{"id": 7}],
}


@pytest.mark.parametrize("kind", BAD_CATEGORIES)
def test_categories_are_distinct_ids_and_names(tmp_path, kind):
    with pytest.raises(DataError, match=r"annotations.json: categories"):
        source(tmp_path, categories=BAD_CATEGORIES[kind]).read("train")


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "{",
        "[1]",
        "3",
        '{"images": [], "annotations": null, "categories": []}',
        '{"images": [], "annotations": [], "annotations": [], "categories": []}',
        "[" * 100_000,
        '{"images": [], "categories": [], "annotations": [' + "9" * 5000 + "]}",
        b'{"images": [], "categories": [], "annotations": ["caf\xe9"]}',
    ],
)
def test_a_file_that_is_no_coco_is_refused_by_name(tmp_path, raw):
    with pytest.raises(DataError, match=r"annotations.json"):
        source(tmp_path, raw).read("train")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_read(tmp_path, encoding):
    text = json.dumps({"images": [IMAGE], "categories": CATEGORIES, "annotations": [GOOD]})
    assert len(source(tmp_path, text.encode(encoding)).read("train").records[0]) == 1


def test_the_same_annotation_under_another_id_is_named(tmp_path):
    data = source(tmp_path, annotations=[GOOD, {**GOOD, "id": 2}, {**GOOD, "id": None}]).read("train")
    assert [problem.kind for problem in data.problems.problems] == ["duplicated label"] * 2
    assert len(data.records[0]) == 1


def test_a_class_that_is_no_category_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(DataError, match=r"no category 'dgo' of data.classes; did you mean 'dog'"):
        source(tmp_path, classes=["cat", "dgo"]).read("train")


@pytest.mark.parametrize("places", ["annotations.json", ["annotations.json"], [], 3])
def test_a_split_is_a_file_and_a_folder(tmp_path, places):
    with pytest.raises(ConfigError, match=r"data.train: expected"):
        COCOSource(str(tmp_path), places, ("a", "b"))


def test_sound_masks_are_drawn(tmp_path):
    data = with_bad(tmp_path, segmentation=rle([0, 30, 1170])).read("train")
    assert data.problems.problems == []
    both = source(
        tmp_path,
        annotations=[
            {**GOOD, "segmentation": RING},
            {**GOOD, "id": 2, "bbox": [0, 0, 1, 30], "segmentation": rle([0, 30, 1170])},
        ],
    )
    item = EvalDataset(both.read("train"), image_size=64, with_masks=True)[0]
    assert sorted(set(item.instance_map.ravel().tolist())) == [0, 1, 2]

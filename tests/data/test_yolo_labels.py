from __future__ import annotations

import pytest

from data.case import write_image, write_yolo
from yololab.data import YOLOSource
from yololab.data.splits import read_splits
from yololab.errors import DataError

GOOD = "0 0.5 0.5 0.5 0.5"


def kinds(data):
    return [(problem.kind, problem.line) for problem in data.problems.problems]


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("1e19 0.5 0.5 0.5 0.5", "wrong class"),
        ("1e300 0.5 0.5 0.5 0.5", "wrong class"),
        ("9223372036854775808 0.5 0.5 0.5 0.5", "wrong class"),
        ("-1 0.5 0.5 0.5 0.5", "wrong class"),
        ("nan 0.5 0.5 0.5 0.5", "wrong class"),
        ("1_0 0.5 0.5 0.5 0.5", "unreadable label"),
        ("0 0_0.5 0.5 0.5 0.5", "unreadable label"),
        ("١ 0.5 0.5 0.5 0.5", "unreadable label"),
        ("0x1 0.5 0.5 0.5 0.5", "unreadable label"),
        ("0 0,5 0,5 0,5 0,5", "unreadable label"),
        ("0 0.5 0.5 0.5 0.5 0.9", "unreadable label"),
        ("0 1e308 0.5 0.5 0.5", "not a number"),
        ("0 inf 0.5 0.5 0.5", "not a number"),
        ("0 0.1 0.1 0.5 0.1 1e300 0.6", "unreadable label"),
        ("0 0.1 0.1 0.5 0.1 1e7 0.6", "unreadable label"),
        ("0 0.50 0.5 .5 5e-1", "duplicated label"),
        ("cat 0.5 0.5 0.5 0.5", "unreadable label"),
        ("0 " + "7" * 5000, "unreadable label"),
    ],
)
def test_a_row_that_is_no_object_is_named_with_its_line_and_the_others_are_read(tmp_path, row, kind):
    root = write_yolo(tmp_path, {"a": f"{GOOD}\n{row}\n"})
    data = YOLOSource(str(root)).read("train")
    assert kinds(data) == [(kind, 2)]
    assert len(data.records[0]) == 1
    assert len(str(data.problems.problems[0])) < 700
    with pytest.raises(DataError, match=r"a.txt:2"):
        YOLOSource(str(root), on_error="refuse").read("train")


@pytest.mark.parametrize("raw", ["{}\n", "{}\r\n", "\r\n  {}  \r\n", "{}"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marks_and_line_ends_are_read(tmp_path, raw, encoding):
    root = write_yolo(tmp_path, {"a": ""})
    (root / "labels" / "a.txt").write_bytes(raw.format(GOOD).encode(encoding))
    data = YOLOSource(str(root)).read("train")
    assert kinds(data) == []
    assert len(data.records[0]) == 1


@pytest.mark.parametrize("raw", [b"0 0.5 \xff\n", b"0 0.5 \x00 1\n"])
def test_a_label_file_that_cannot_be_read_takes_its_image_out(tmp_path, raw):
    """Its objects must not pass for background."""
    root = write_yolo(tmp_path, {"a": "", "b": GOOD})
    (root / "labels" / "a.txt").write_bytes(raw)
    data = YOLOSource(str(root)).read("train")
    assert [record.name for record in data.records] == ["b.jpg"]
    assert kinds(data) == [("unreadable label", 0)]
    assert "a.txt:1" in str(data.problems.problems[0])


def test_capitals_and_folders_are_found(tmp_path):
    root = write_yolo(tmp_path, {"a": GOOD})
    (root / "labels" / "a.txt").rename(root / "labels" / "a.TXT")
    for ending in (".JPG", ".JPEG", ".PNG"):
        write_image(root / "images" / f"i{ending}")
        (root / "labels" / "i.txt").write_text(GOOD)
    write_image(root / "images" / "deep er" / "x y.jpg")
    (root / "labels" / "deep er").mkdir()
    (root / "labels" / "deep er" / "x y.txt").write_text(GOOD)
    data = YOLOSource(str(root)).read("train")
    assert len(data.records) == 5
    assert all(len(record) == 1 for record in data.records)


def test_without_any_label_the_place_that_was_looked_at_is_said(tmp_path):
    root = write_yolo(tmp_path, {"a": GOOD})
    (root / "labels").rename(root / "annotations")
    with pytest.raises(
        DataError, match=r"train split has no object in any of its images; .*0 usable boxes of 0; .*labels/a.txt"
    ):
        read_splits(YOLOSource(str(root)), None)


def test_lists_of_images_are_read_with_their_marks_and_their_faults_named(tmp_path):
    root = write_yolo(tmp_path, {"a": GOOD, "b": GOOD})
    lines = [
        "images/a.jpg",
        "images/./b.jpg",
        "images/../images/a.jpg",
        "images/gone.jpg",
        "# comment",
        "images/a.jpg 0",
    ]
    (root / "train.txt").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    (root / "data.yaml").write_text("train: train.txt\nval: images\nnames: [cat, dog]\n")
    data = YOLOSource(str(root)).read("train")
    assert [record.name for record in data.records] == ["a.jpg", "b.jpg"]
    assert sorted(kinds(data)) == [
        ("duplicated id", 3),
        ("missing image", 4),
        ("missing image", 5),
        ("missing image", 6),
    ]
    assert all(problem.file.endswith("train.txt") for problem in data.problems.problems)

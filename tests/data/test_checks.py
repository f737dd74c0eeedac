from __future__ import annotations

from data.case import CLASSES, truncate, voc_object, write_voc
from yololab.data import VOCSource


def kinds(data):
    return {problem.kind for problem in data.problems.problems}


def test_every_broken_voc_object_is_listed_with_file_and_line_and_dropped(tmp_path):
    objects = "".join(
        voc_object(name, box)
        for name, box in [
            ("dog", (5, 6, 20, 16)),
            ("dog", (8, 8, 8, 20)),
            ("dog", (100, 100, 120, 120)),
            ("dog", ("nan", 1, 2, 3)),
            ("cow", (1, 1, 5, 5)),
            ("cat", (30, 20, 50, 28)),
        ]
    )
    data = VOCSource(str(write_voc(tmp_path, {"a": objects})), CLASSES).read("train")
    assert data.records[0].boxes_xyxy.tolist() == [[5, 6, 20, 16], [30, 20, 40, 28]]
    found = {(p.kind, p.line, p.action) for p in data.problems.problems}
    assert found == {
        ("zero area", 6, "dropped"),
        ("outside the image", 10, "dropped"),
        ("not a number", 14, "dropped"),
        ("wrong class", 18, "dropped"),
        ("overhanging", 22, "clipped"),
    }
    assert all(p.file.endswith("a.xml") for p in data.problems.problems)


def test_missing_truncated_and_twice_listed_images_are_dropped(tmp_path):
    root = write_voc(tmp_path, {"a": "", "b": ""}, listed=["a", "b", "a", "gone"])
    truncate(root / "JPEGImages" / "b.jpg")
    data = VOCSource(str(root), CLASSES).read("train")
    assert [record.name for record in data.records] == ["a"]
    assert kinds(data) == {"truncated image", "duplicated id", "missing image"}

from __future__ import annotations

import pytest

from data.case import CLASSES, voc_object, write_image, write_voc
from yololab.data import VOCSource
from yololab.errors import ConfigError, DataError

DOG = voc_object("dog", (5, 6, 20, 16))


def read(root, raw, classes=CLASSES, **options):
    write_voc(root, {"a": "", "b": DOG})
    (root / "Annotations" / "a.xml").write_bytes(raw if isinstance(raw, bytes) else raw.encode())
    return VOCSource(str(root), classes, **options).read("train")


def problems(data):
    return [(problem.kind, problem.line) for problem in data.problems.problems]


@pytest.mark.parametrize(
    "raw",
    [
        f"<annotation>{DOG}</annotation>",
        f"\ufeff<annotation>{DOG}</annotation>",
        f'<annotation xmlns="http://x.org/voc">{DOG}</annotation>',
        f'<v:annotation xmlns:v="http://x.org/voc">{DOG}</v:annotation>',
        f"<annotation><objects>{DOG}</objects></annotation>",
        f"<Annotation>{DOG.replace('object', 'Object')}</Annotation>",
        f"<annotation>\r\n<size><width>40</width><height>30</height><depth>3</depth></size>{DOG}</annotation>",
        f"<annotation><size><width>0</width><height>0</height></size>{DOG}</annotation>",
        f'<?xml version="1.0" encoding="UTF-16"?><annotation>{DOG}</annotation>'.encode("utf-16"),
    ],
)
def test_ways_to_write_an_annotation_are_read(tmp_path, raw):
    data = read(tmp_path, raw)
    assert problems(data) == []
    assert data.records[0].boxes_xyxy.tolist() == [[5, 6, 20, 16]]


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252", "utf-16", "gb2312", "big5"])
def test_the_declared_encoding_counts(tmp_path, encoding):
    name = {"gb2312": "猫", "big5": "貓"}.get(encoding, "café")
    raw = f'<?xml version="1.0" encoding="{encoding}"?>\n<annotation>{voc_object(name, (5, 6, 20, 16))}</annotation>'
    data = read(tmp_path, raw.encode(encoding), classes=("dog", name))
    assert problems(data) == []
    assert data.records[0].labels.tolist() == [1]


@pytest.mark.parametrize(
    ("raw", "kind", "line"),
    [
        ("<html><body>Not found</body></html>", "unreadable annotation", 1),
        (f"<html>{DOG}</html>", "unreadable annotation", 1),
        ("", "unreadable annotation", 1),
        (f"<annotation>\n{DOG}", "unreadable annotation", 6),
        (b"<annotation>\n<name>caf\xe9</name></annotation>", "unreadable annotation", 2),
        ('<?xml version="1.0" encoding="klingon"?><annotation/>', "unreadable annotation", 0),
        ('<!DOCTYPE a [<!ENTITY x "y">]>\n<annotation>&x;</annotation>', "unreadable annotation", 0),
        (
            '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation>&x;</annotation>',
            "unreadable annotation",
            0,
        ),
        ("<annotation><size><width>30</width><height>40</height></size></annotation>", "size mismatch", 0),
    ],
)
def test_a_file_that_is_no_annotation_of_its_image_takes_the_image_out(tmp_path, raw, kind, line):
    """Its objects must not pass for background."""
    data = read(tmp_path, raw)
    (problem,) = data.problems.problems
    assert problem.kind == kind
    assert problem.file.endswith("a.xml")
    assert f"a.xml:{line}" in str(problem) or not line
    assert [record.name for record in data.records] == ["b"]
    with pytest.raises(DataError, match=r"a\.xml"):
        read(tmp_path, raw, on_error="refuse")


@pytest.mark.parametrize(
    ("objects", "kind", "line"),
    [
        (f"{DOG}{DOG}", "duplicated label", 5),
        ("<object><name>dog</name></object>", "unreadable annotation", 1),
        (DOG.replace("<difficult>0", "<difficult>maybe"), "unreadable annotation", 1),
        (DOG.replace("<xmin>5", "<xmin>1_0"), "not a number", 1),
        (DOG.replace("<xmin>5", "<xmin>5,5"), "not a number", 1),
        (f"<!-- <object> -->\n{DOG}".replace("dog", "dgo"), "wrong class", 2),
        (f"<object id='1'>{DOG.replace('dog', 'cow').partition('<object>')[2]}", "wrong class", 1),
    ],
)
def test_an_object_that_cannot_be_trained_on_is_named_with_its_own_line(tmp_path, objects, kind, line):
    assert problems(read(tmp_path, f"<annotation>{objects}</annotation>")) == [(kind, line)]


@pytest.mark.parametrize(("flag", "crowd"), [("true", True), ("True", True), ("yes", True), ("no", False), ("", False)])
def test_difficult_is_what_it_says(tmp_path, flag, crowd):
    data = read(tmp_path, f"<annotation>{DOG.replace('<difficult>0', f'<difficult>{flag}')}</annotation>")
    assert data.records[0].crowd.tolist() == [crowd]


@pytest.mark.parametrize("ending", [".JPG", ".JPEG", ".Png", ".tif", ".webp"])
def test_endings_of_images_in_any_capitals(tmp_path, ending):
    root = write_voc(tmp_path, {"a": DOG})
    (root / "JPEGImages" / "a.jpg").unlink()
    write_image(root / "JPEGImages" / f"a{ending}")
    data = VOCSource(str(root), CLASSES).read("train")
    assert [len(record) for record in data.records] == [1]


def test_lists_with_marks_flags_blanks_and_endings(tmp_path):
    root = write_voc(tmp_path, {"a": DOG, "b": DOG, "my dog": DOG})
    listed = b"\xef\xbb\xbfa 1\r\nb.jpg\r\nmy dog\r\n./a\r\n../JPEGImages/b\r\n/etc/passwd\r\n"
    (root / "ImageSets" / "Main" / "train.txt").write_bytes(listed)
    data = VOCSource(str(root), CLASSES).read("train")
    assert [record.name for record in data.records] == ["a", "b", "my dog"]
    assert problems(data) == [("duplicated id", 4), ("missing image", 5), ("missing image", 6)]
    (root / "ImageSets" / "Main" / "train.txt").write_bytes(b"a\ncaf\xe9\n")
    with pytest.raises(DataError, match=r"train.txt:2: expected UTF-8"):
        VOCSource(str(root), CLASSES).read("train")


def test_a_missing_annotation_is_refused_where_problems_are(tmp_path):
    root = write_voc(tmp_path, {"a": DOG, "b": DOG})
    (root / "Annotations" / "a.xml").unlink()
    assert problems(VOCSource(str(root), CLASSES).read("train")) == [("missing annotation", 0)]
    with pytest.raises(DataError, match=r"a.xml: missing annotation"):
        VOCSource(str(root), CLASSES, on_error="refuse").read("train")


@pytest.mark.parametrize("classes", ["dog", ["dog", "dog"], ["dog", False], ["dog", 5], ["dog", ""], {"a": 1}])
def test_classes_are_a_list_of_distinct_names(tmp_path, classes):
    with pytest.raises(ConfigError, match=r"data\.classes: "):
        VOCSource(str(tmp_path), classes)

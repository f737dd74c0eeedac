"""data.yaml: names as they are written; whatever is wrong with the file is said by file and line."""

from __future__ import annotations

import pytest

from data.case import write_yolo
from yololab.data import YOLOSource
from yololab.errors import DataError

GOOD = {"a": "0 0.5 0.5 0.5 0.5\n"}


def source(root, names="names: [cat, dog]", rest="path: .\ntrain: images\nval: images\n", raw=None):
    write_yolo(root, GOOD)
    content = f"{rest}{names}\n".encode() if raw is None else raw
    (root / "data.yaml").write_bytes(content)
    return YOLOSource(str(root))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            "names: {'10': k, '2': c, '0': a, '1': b, '3': d, '4': e, '5': f, '6': g, '7': h, '8': i, '9': j}",
            "abcdefghijk",
        ),
        ("names: {1: b, '0': a}", "ab"),
        ("names: [no, yes, 1e5, null, 1.50, 010, 1_000]", ["no", "yes", "1e5", "null", "1.50", "010", "1_000"]),
        ("names: {0: off, 1: 2020-01-01}", ["off", "2020-01-01"]),
        ("nc: 2\nnames: [' cat', dog]", ["cat", "dog"]),
        ("names:\r\n- cat\r\n- Ärger\r\n", ["cat", "Ärger"]),
    ],
)
def test_names_are_what_is_written_in_the_order_of_their_numbers(tmp_path, names, expected):
    found = source(tmp_path, names)
    assert found.num_classes == len(expected)
    assert list(found.classes) == list(expected)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_read(tmp_path, encoding):
    text = "train: images\nval: images\nnames: [cat, dög]\n"
    found = source(tmp_path, raw=text.encode(encoding))
    assert found.num_classes == 2
    assert found.classes[1] == "dög"
    assert len(found.read("train").records) == 1


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("names: cat", "names: expected a list of class names"),
        ("names: null", "names: expected a list of class names"),
        ("names: 3", "names: expected a list of class names"),
        ("names: []", "names: expected a list of class names"),
        ("names: [[a], b]", "is not text"),
        ("names: [cat, '']", "is no name"),
        ("names: [cat, cat]", "'cat' stands twice"),
        ("names: [cat, ' cat ']", "'cat' stands twice"),
        ("nc: 3\nnames: [cat, dog]", "nc: 3, and names has 2"),
        ("nc: many\nnames: [cat, dog]", "nc: many, and names has 2"),
        ("names: {0: a, 2: b}", "expected the numbers 0 to 1 as keys"),
        ("names: {1: a, 2: b}", "expected the numbers 0 to 1 as keys"),
        ("names: {cat: 0}", "expected the numbers 0 to 0 as keys"),
        ("names: {0: a, 0: b}", "data.yaml:4: the key '0' stands twice"),
        ("names: [a]\ntrain: x", "data.yaml:5: the key 'train' stands twice"),
        ("names: [a", "data.yaml:5: "),
        ("names: [a]\n\tx: 1", "data.yaml:5: "),
        ("names: [a]\nx: !!python/object/apply:os.system [touch run]", "data.yaml:5: the tag"),
        ("names: !mine [a]", "data.yaml:4: the tag '!mine'"),
        ("names: [a]\n---\nb: c", "data.yaml:5: "),
        ("names: &x [*x]", "data.yaml:4: "),
        ("names: [a]\n? [x]\n: y", "a key that is no text"),
        ("labels: [a]", "expected `names`"),
        ("names: " + "[" * 3000, "data.yaml: "),
    ],
)
def test_what_is_wrong_is_said_by_file_and_line(tmp_path, names, message):
    with pytest.raises(DataError) as error:
        source(tmp_path, names).read("train")
    assert message in str(error.value)
    assert str(tmp_path / "data.yaml") in str(error.value)
    assert not (tmp_path / "run").exists()


def test_an_alias_bomb_ends_at_once(tmp_path):
    levels = "\n".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 12))
    assert source(tmp_path, f"l0: &l0 [x]\n{levels}\nnames: [cat, dog]").num_classes == 2
    with pytest.raises(DataError, match="is not text"):
        source(tmp_path, f"l0: &l0 [x]\n{levels}\nnames: *l3").read("train")


def test_bytes_that_are_no_text_are_refused_by_file_and_line(tmp_path):
    with pytest.raises(DataError, match=r"data.yaml:2: expected UTF-8"):
        source(tmp_path, raw=b"train: images\nnames: [caf\xe9]\n").read("train")


@pytest.mark.parametrize("entry", ["null", "", "{a: b}", "[[a]]", "[]", "nowhere", "images/a.jpg"])
def test_a_split_that_names_no_images_is_refused_by_its_key(tmp_path, entry):
    with pytest.raises(DataError, match=r"train|a\.jpg: an image"):
        source(tmp_path, rest=f"train: {entry}\nval: images\n").read("train")


def test_exports_of_roboflow_and_other_spellings_are_found(tmp_path):
    found = source(tmp_path, rest="train: ../images\nval: ../images\n")
    assert len(found.read("train").records) == 1
    (tmp_path / "data.yaml").rename(tmp_path / "data.yml")
    assert len(YOLOSource(str(tmp_path)).read("val").records) == 1
    (tmp_path / "data.yml").rename(tmp_path / "DATA.YAML")
    assert len(YOLOSource(str(tmp_path / "DATA.YAML")).read("val").records) == 1

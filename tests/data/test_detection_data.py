from __future__ import annotations

from data.case import CLASSES, voc_object, write_voc
from yololab.data import VOCSource


def test_a_fingerprint_follows_the_labels_and_not_the_place(tmp_path):
    objects = voc_object("dog", (5, 6, 20, 16))
    first, second = (VOCSource(str(write_voc(tmp_path / n, {"a": objects})), CLASSES).read("train") for n in "ab")
    changed = VOCSource(str(write_voc(tmp_path / "c", {"a": voc_object("dog", (5, 6, 20, 17))})), CLASSES).read("train")
    assert first.fingerprint() == second.fingerprint() != changed.fingerprint()

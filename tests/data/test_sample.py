from __future__ import annotations

from yololab.data.dataset import EvalDataset


def test_a_file_that_breaks_after_the_checks_is_replaced_and_said(tmp_path, caplog):
    from data.case import CLASSES, voc_object, write_voc
    from yololab.data import VOCSource

    root = write_voc(tmp_path, {"a": voc_object("dog", (5, 6, 20, 16))})
    data = VOCSource(str(root), CLASSES).read("train")
    (root / "JPEGImages" / "a.jpg").write_bytes(b"no image")
    item = EvalDataset(data, image_size=64)[0]
    assert item.image.float().std() < 1
    assert len(item.labels) == 0
    assert "cannot be decoded" in caplog.text

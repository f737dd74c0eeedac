"""Data are told by what is in their files, which are read once."""

from __future__ import annotations

import os

import cv2
import numpy as np
import pytest

from yololab.data import content
from yololab.data.content import content_hashes
from yololab.errors import DataError


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("YOLOLAB_CACHE", str(tmp_path / "cache"))


def two_images(folder):
    """Two BMPs of one size, which name, size and byte count cannot tell apart."""
    paths = []
    for name, grey in (("a", 10), ("b", 200)):
        (folder / name).mkdir()
        path = folder / name / "image.bmp"
        cv2.imwrite(str(path), np.full((8, 8, 3), grey, np.uint8))
        paths.append(path)
    assert paths[0].stat().st_size == paths[1].stat().st_size
    return paths


def test_files_of_equal_name_and_size_are_told_apart_by_their_bytes(tmp_path):
    first, second = content_hashes(two_images(tmp_path))
    assert first != second
    assert len(first) == 32


def test_a_file_is_read_once_and_again_when_it_has_changed(tmp_path, monkeypatch):
    paths = two_images(tmp_path)
    before = content_hashes(paths)
    with monkeypatch.context() as patch:
        patch.setattr(content, "_examine", lambda key: pytest.fail(f"read {key} again"))
        assert content_hashes(paths) == before
    paths[0].write_bytes(paths[1].read_bytes())
    os.utime(paths[0], ns=(1, 1))
    assert content_hashes(paths) == [before[1], before[1]]


def test_without_a_cache_files_are_read_each_time(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("YOLOLAB_CACHE", str(tmp_path / "file" / "cache"))
    paths = two_images(tmp_path)
    assert content_hashes(paths) == content_hashes(paths)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"missing.jpg: cannot be read: No such file"):
        content_hashes([tmp_path / "missing.jpg"])


def test_the_fingerprint_of_voc_data_covers_the_pixels(tmp_path, bccd):
    from yololab.data import VOCSource

    classes = ["RBC", "WBC", "Platelets"]
    data = VOCSource(root=str(bccd), classes=classes, train="train", val="val").read("val")
    before = data.fingerprint()
    path = data.records[0].path
    copy = tmp_path / path.name
    content_of = bytearray(path.read_bytes())
    content_of[-3] ^= 1
    copy.write_bytes(content_of)
    from dataclasses import replace

    moved = replace(data.records[0], path=copy, content=None)
    changed = replace(data, records=(moved, *data.records[1:]))
    assert changed.fingerprint() != before

from __future__ import annotations

import pytest

from yololab.data.text import read_lines, read_text
from yololab.errors import DataError


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_lines_are_numbered_from_one_and_empty_ones_left_out(tmp_path, encoding, ends):
    (tmp_path / "a").write_bytes(ends.join(["", " ä b ", "", "c\u2028d"]).encode(encoding))
    assert read_lines(tmp_path / "a") == [(2, "ä b"), (4, "c\u2028d")]


@pytest.mark.parametrize(
    ("raw", "line"), [(b"a\nb\xff", 2), (b"a\n\nb\0", 3), ("ä".encode("latin-1"), 1), (b"\xff\xfea", 1)]
)
def test_bytes_that_are_no_text_are_named_by_line(tmp_path, raw, line):
    (tmp_path / "a").write_bytes(raw)
    with pytest.raises(DataError, match=rf"a:{line}: "):
        read_text(tmp_path / "a")


def test_what_is_no_file_is_named(tmp_path):
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read_text(tmp_path)

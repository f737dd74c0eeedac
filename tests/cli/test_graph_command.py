from __future__ import annotations

from xml.etree import ElementTree

import pytest

from yololab.cli.main import main


def test_a_picture_is_written_and_says_what_was_inserted(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="0"):
        main(["graph", "model=yolov8", "attention=eca", "insert_pos=neck", "image_size=64"])
    ElementTree.parse(tmp_path / "yolov8.svg")
    assert "inserted: neck.spp_attention" in capsys.readouterr().out


@pytest.mark.parametrize("out", ["x.png", "no/such/folder/x.svg"])
def test_a_name_that_cannot_be_written_is_refused(out, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="2"):
        main(["graph", "model=yolov8", "--out", out])
    assert "--out" in capsys.readouterr().err

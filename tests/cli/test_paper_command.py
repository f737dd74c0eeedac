from __future__ import annotations

from pathlib import Path

import pytest

from yololab.cli.main import main

STUDY = Path(__file__).parents[2] / "experiments" / "bccd_cbam"


def test_a_published_study_becomes_a_kit(tmp_path, capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["paper", str(STUDY), "--out", str(tmp_path / "kit")])
    assert (tmp_path / "kit" / "kit.tex").is_file()
    assert "shows them together" in capsys.readouterr().out.replace("\n", " ")


def test_a_file_is_no_folder(tmp_path, capsys):
    (tmp_path / "kit").write_text("")
    with pytest.raises(SystemExit, match="2"):
        main(["paper", str(STUDY), "--out", str(tmp_path / "kit")])
    assert "expected a folder" in capsys.readouterr().err

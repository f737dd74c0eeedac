"""`yololab import` as a user meets it."""

from __future__ import annotations

import pytest

from index_graph.yaml_of import SMALL, TUTORIALS
from yololab.cli.main import main


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words):
    with pytest.raises(SystemExit) as ended:
        main(["import", *map(str, words)])
    return ended.value.code


def test_a_known_graph_is_said_in_choices_and_nothing_is_written(here, capsys):
    assert run(TUTORIALS / "yolov8n-se.yaml") == 0
    said = capsys.readouterr().out
    assert "this graph is model=yolov8 attention=se insert_pos.after=[backbone.stage5]" in said
    assert "3,165,664 parameters" in said
    assert not list(here.iterdir())


def test_an_unknown_graph_is_written_and_trains(here, capsys):
    (here / "my-small.yaml").write_text(SMALL)
    assert run("my-small.yaml", "--scale", "s") == 0
    assert "yololab train --config-dir conf model=my_small scale=s" in capsys.readouterr().out
    assert sorted(path.name for path in (here / "conf").iterdir()) == ["backbone", "model", "neck"]
    with pytest.raises(SystemExit) as ended:
        main(["profile", "--config-dir", "conf", "model=my_small", "scale=p"])
    assert ended.value.code == 0


def test_a_row_that_was_not_renumbered_is_noted(here, capsys):
    text = (TUTORIALS / "yolov8n-se.yaml").read_text().replace("[[-1, 10], 1, Concat", "[[-1, 8], 1, Concat")
    (here / "x.yaml").write_text(text)
    run("x.yaml")
    said = capsys.readouterr()
    assert "reads backbone.stage5, not backbone.se5 behind it" in " ".join((said.out + said.err).split())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nothing.yaml"], "cannot be read"),
        (["x.yaml", "--scale", "q"], "has n, s"),
        (["x.yaml", "--name", "yolov8"], "yololab has a model of this name, which would be taken"),
        (["x.yaml", "--name", "bifpn"], "yololab has a neck of this name"),
        (["x.yaml", "--name", "a b"], "expected letters, digits and _"),
        (["x.yaml", "--sca", "q"], "has n, s"),
        (["x.yaml", "--scael", "n"], "there is no option --scael; did you mean '--scale'"),
        (["x.yaml", "--map", "Gate"], "expected MODULE=package.Class"),
    ],
)
def test_what_does_not_fit_is_told(here, capsys, words, message):
    (here / "x.yaml").write_text(SMALL)
    assert run(*words) == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_broken_yaml_is_told_with_its_line(here, capsys):
    (here / "x.yaml").write_text("backbone:\n  - [-1, 1, Conv]\nhead: [")
    assert run("x.yaml") == 2
    assert "x.yaml: is no YAML: line 4" in " ".join(capsys.readouterr().err.split())

"""Whatever a text holds, it is shown and does nothing."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from yololab.terminal import cell, copied_to, drawn_text, is_screen, passing, say, say_note, show, visible

HOSTILE = (
    "[/abs/x.json]",
    "insert_pos.after=[backbone.stage2]",
    "[bold red]x[/]",
    "[link=file:///etc/passwd]x[/link]",
    ":bug:",
    "\x1b]0;title\x07",
    "\x1b[2J\x1b[31m",
    "\x9b31m",
    "a\rb",
    "a\x00b",
    "\u202egpj.exe",
    "\ud800",
    "\u2028",
)


def printed(function, text, **options):
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=200, color_system="truecolor")
    function(text, console, **options)
    return re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("function", [say, say_note])
def test_a_line_is_printed_as_it_is(text, function):
    out = printed(function, text)
    assert visible(text) in out
    assert all(character.isprintable() or character in "\n" for character in out)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_field_of_a_table_is_printed_as_it_is(text):
    table = Table(title=cell(text))
    table.add_column(cell(text))
    table.add_row(cell(text))
    out = printed(lambda _, console: show(table, console), "")
    assert out.count(visible(text, newlines=False)) == 3
    assert all(character.isprintable() or character in "\n" for character in out)


def test_what_is_harmless_stays():
    assert visible("ä 猫 Δ ± → 🐛\n\tx") == "ä 猫 Δ ± → 🐛\n\tx"
    assert visible("a\nb", newlines=False) == "a\\nb"
    assert drawn_text("$\\foo$") == r"\$\foo\$"


def test_nothing_else_in_yololab_prints_by_rich():
    """A print that is not of this module would take brackets of others for markup."""
    source = Path(__file__).parents[1] / "src"
    found = [
        f"{path.name}: {line.strip()}"
        for path in source.rglob("*.py")
        if path.name != "terminal.py"
        for line in path.read_text().splitlines()
        if re.search(r"\.print\(|from_markup|rich\.markup", line)
    ]
    assert found == []


def test_what_takes_long_is_told_at_a_terminal_alone(monkeypatch, capsys):
    passing("importing torch")
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    passing("importing torch")
    assert "importing torch ..." in capsys.readouterr().err


def test_what_is_said_can_be_copied_and_a_file_that_cannot_be_opened_stops_nothing(tmp_path, capsys):
    path = tmp_path / "log.txt"
    with copied_to(path):
        say("one [x]")
        with copied_to(tmp_path / "no" / "log.txt"):
            say_note("two")
    say("three")
    with copied_to(path):
        say("four")
    assert path.read_text() == "one [x]\nnote: two\nfour\n"
    assert capsys.readouterr().out == "one [x]\nnote: two\nthree\nfour\n"


@pytest.mark.parametrize(("is_tty", "environment", "drawn"), [(True, {}, True), (False, {"FORCE_COLOR": "1"}, False)])
def test_colours_that_are_asked_for_make_no_screen(monkeypatch, is_tty, environment, drawn):
    """Jupyter's kernels and CI set FORCE_COLOR; a bar would be kept there once for every time it was drawn."""
    for name, value in {"TERM": "xterm", **environment}.items():
        monkeypatch.setenv(name, value)
    stream = type("Stream", (io.StringIO,), {"isatty": lambda self: is_tty})()
    console = Console(file=stream)
    assert console.is_terminal
    assert is_screen(console) is drawn

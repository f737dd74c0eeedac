"""Text for a terminal: whatever it holds, it is shown as it is and does nothing.

Names of studies, overrides, classes and files, and messages of other programs, come from anywhere. Rich would take
[brackets] in them for its markup and :names: for emoji, and a terminal takes escape sequences for commands. So nothing
but this module prints.
"""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from rich.console import Console, RenderableType
from rich.text import Text

KEPT = "\n\t"
ESCAPED = ("Cc", "Cs", "Zl", "Zp", "Co")
"""Unicode categories that are shown as their numbers: controls, halves of characters, separators, private use"""


_copies: list[TextIO] = []


@contextlib.contextmanager
def copied_to(path: Path) -> Iterator[None]:
    """Append every line that is said inside to a file too; nothing where that cannot be opened."""
    try:
        copy = path.open("a", encoding="utf-8", errors="replace")
    except OSError:
        yield
        return
    _copies.append(copy)
    try:
        yield
    finally:
        _copies.remove(copy)
        with contextlib.suppress(OSError):
            copy.close()


def visible(text: str, newlines: bool = True) -> str:
    """Text without a character that a terminal or an editor would obey; such are written as \\x1b or \\u202e."""
    return text if text.isprintable() else "".join(_visible(character, newlines) for character in text)


def _visible(character: str, newlines: bool) -> str:
    if character.isprintable() or (newlines and character in KEPT):
        return character
    category = unicodedata.category(character)
    if category in ESCAPED or category == "Cf" or not newlines:
        return character.encode("unicode_escape", "surrogatepass").decode()
    return character


def drawn_text(text: str) -> str:
    """Text for matplotlib, which takes what stands between dollars for mathematics."""
    return visible(text, newlines=False).replace("$", r"\$")


def cell(text: object, style: str = "") -> Text:
    """Text as a field of a table."""
    return Text(visible(str(text)), style)


def say(
    text: str, console: Console | None = None, style: str = "", wrap: bool = False, label: Text | None = None
) -> None:
    """Print text as it is; with `wrap` broken at the terminal's width between words. `label` stands before it."""
    line = Text.assemble(label or "", cell(text, style))
    (console or Console()).print(line, soft_wrap=not wrap, highlight=False)
    for copy in _copies:
        with contextlib.suppress(OSError, ValueError):  # a full disk must not stop what is told
            copy.write(f"{line.plain}\n")
            copy.flush()


def is_screen(console: Console) -> bool:
    """Whether a console can be drawn on again: notebooks and CI ask for colours (FORCE_COLOR), yet keep every line."""
    return console.is_terminal and console.file.isatty()


def passing(text: str) -> None:
    """Tell a person at a terminal what takes so long; nothing elsewhere, where nobody waits."""
    console = Console(stderr=True)
    if is_screen(console):
        say(f"{text} ...", console, style="dim")


def say_error(message: str) -> None:
    """Print an error to standard error."""
    say(message, Console(stderr=True), label=Text("error: ", "red"))


def say_note(text: str, console: Console | None = None, wrap: bool = False) -> None:
    """Print what a reader must know."""
    say(text, console, wrap=wrap, label=Text("note: ", "yellow"))


def show(renderable: RenderableType, console: Console | None = None) -> None:
    """Print a table whose fields are cells."""
    (console or Console()).print(renderable)

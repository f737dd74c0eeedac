"""`yololab effects`: main effects and interactions of a study that crosses factors."""

from __future__ import annotations

import argparse

from yololab.run.find import find_study
from yololab.study.effects import effects_of, to_json, to_markdown, to_rich
from yololab.study.records import read_study
from yololab.terminal import say, show


def run(options: argparse.Namespace) -> None:
    """Print them in a format, or for the terminal."""
    study = find_study(options.study)
    effects = effects_of(read_study(study).records)
    if options.format is not None:
        print({"md": to_markdown, "json": to_json}[options.format](effects))
        return
    show(to_rich(effects, f"Effects in {study.name}"))
    for note in effects.notes:
        say(note, style="dim", wrap=True)

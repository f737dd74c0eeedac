"""`yololab table`: the ablation table of a study."""

from __future__ import annotations

import argparse

from yololab.cli.find import find_study
from yololab.errors import ConfigError, YololabError
from yololab.study.formats import to_csv, to_json, to_markdown
from yololab.study.output import print_study, table_of
from yololab.study.publish import to_html, to_latex
from yololab.study.table import Question

WRITERS = {"md": to_markdown, "csv": to_csv, "json": to_json, "latex": to_latex, "html": to_html}


def run(options: argparse.Namespace) -> None:
    """Print the table in a format, or for the terminal."""
    study = find_study(options.study)
    asked = Question(_baseline(options.baseline), options.smallest_effect, options.strict)
    if options.format is None:
        print_study(study, asked=asked)
        return
    table = table_of(study, asked)
    if table is None:
        raise YololabError(f"{study}: no finished run yet")
    print(WRITERS[options.format](table), end="")


def _baseline(text: str | None) -> dict[str, str] | None:
    if text is None:
        return None
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(sign and key and value for key, sign, value in pairs):
        raise ConfigError(f"--baseline {text}: expected choices such as attention=none,head=detect")
    return {key.strip(): value.strip() for key, _, value in pairs}

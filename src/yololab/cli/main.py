"""The `yololab` command: train, profile, table."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from yololab.errors import YololabError, did_you_mean

USER_ERROR = 2
EXAMPLES = """examples:
  yololab train attention=cbam seed=0            one run; -m sweeps: yololab train -m attention=none,cbam seed=0,1
  yololab profile model=yolov9 attention=gam     parameters and GFLOPs, node by node, without training
  yololab table runs/demo --format csv           the ablation table of a study"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a subcommand; exits with 2 and a short message where the user's input does not fit."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["train"]:
        # Hydra reads its own command line, so that all of it works as with train.py.
        from yololab.cli import train

        sys.argv = [train.__file__, *given[1:]]  # a file that Lightning can run again for the ranks of DDP
        train.main()
        return
    sys.path.insert(0, os.getcwd())  # where a user's own parts lie
    parser = _parser()
    options = parser.parse_args(_corrected(given, parser))
    try:
        options.run(options)
    except YololabError as error:
        Console(stderr=True).print(f"[red]error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(USER_ERROR)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="yololab",
        description="Experiments with YOLO-style detectors.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    commands.add_parser("train", help="train one configuration, or sweep several with -m", add_help=False)
    profile = commands.add_parser("profile", help="parameters and GFLOPs of a configuration")
    profile.add_argument("overrides", nargs="*", metavar="group=choice | key=value")
    profile.add_argument("--json", action="store_true", help="totals and nodes as JSON")
    profile.set_defaults(run=_profile)
    table = commands.add_parser("table", help="the ablation table of a study")
    table.add_argument("study", type=Path, metavar="STUDY_DIR", help="runs/<study>")
    table.add_argument(
        "--format", choices=("md", "csv", "json"), help="print in this format; default: for the terminal"
    )
    table.set_defaults(run=_table)
    return parser


def _corrected(given: list[str], parser: argparse.ArgumentParser) -> list[str]:
    """Refuse an unknown command with the nearest one; bring flags before overrides, where argparse wants them."""
    names = ("train", "profile", "table")
    if given and not given[0].startswith("-") and given[0] not in names:
        parser.error(f"there is no command {given[0]!r}{did_you_mean(given[0], names)}")
    if given[:1] == ["profile"]:
        return [given[0], *sorted(given[1:], key=lambda word: not word.startswith("-"))]
    return given


def _profile(options: argparse.Namespace) -> None:
    from yololab.cli.profile import profile

    profile(options.overrides, as_json=options.json)


def _table(options: argparse.Namespace) -> None:
    from yololab.study.print import print_study
    from yololab.study.record import read_cells
    from yololab.study.table import build_table, to_csv, to_json, to_markdown

    if options.format is None:
        print_study(options.study)
        return
    records = read_cells(options.study)
    if not records:
        raise YololabError(f"{options.study}: no finished run yet")
    write = {"md": to_markdown, "csv": to_csv, "json": to_json}[options.format]
    print(write(build_table(records)), end="")


if __name__ == "__main__":
    main()

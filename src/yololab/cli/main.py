"""The `yololab` command. Subcommands are imported when they are asked for: --help must not wait for torch."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from yololab.cli.paths import run_folder, study_folder
from yololab.errors import YololabError, did_you_mean, of_files

USER_ERROR, INTERRUPTED = 2, 130
EXAMPLES = """examples:
  yololab train attention=cbam seed=0            one run; -m sweeps: yololab train -m attention=none,cbam seed=0,1
  yololab plan attention=none,cbam seed=0,1      what that sweep would run, and for how long
  yololab status demo --watch                    how far a study is (a path, or a name under runs/)
  yololab retry demo --failed                    run again what failed
  yololab profile model=yolov9 attention=gam     parameters and GFLOPs, node by node, without training
  yololab table demo --format csv                the ablation table of a study"""
LOOSE = ("profile", "plan", "wandb-sweep", "rerun")
"""Commands that take overrides, between which flags may stand"""


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
    from yololab.sweep.outcome import SweepFailed, SweepInterrupted

    console = Console(stderr=True)
    try:
        status = options.run(options)
    except SweepFailed as error:
        console.print(f"[red]error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(1)
    except (KeyboardInterrupt, SweepInterrupted):
        console.print("interrupted; the same command goes on where it stopped")
        sys.exit(INTERRUPTED)
    except YololabError as error:
        console.print(f"[red]error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(USER_ERROR)
    except BrokenPipeError:  # yololab table ... | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except OSError as error:
        if of_files(error) is None:
            raise
        console.print(f"[red]error:[/red] {escape(of_files(error) or '')}", highlight=False, soft_wrap=True)
        sys.exit(USER_ERROR)
    if status:
        sys.exit(status)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="yololab",
        description="Experiments with YOLO-style detectors.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    commands.add_parser("train", help="train one configuration, or sweep several with -m", add_help=False)
    _add_sweep_commands(commands)
    _add_record_commands(commands)
    return parser


def _add_sweep_commands(commands: Any) -> None:
    profile = commands.add_parser("profile", help="parameters and GFLOPs of a configuration")
    _add_overrides(profile, "totals and nodes as JSON")
    profile.set_defaults(run=_profile)
    plan = commands.add_parser("plan", help="what a sweep would run: cells, sizes, states, time")
    _add_overrides(plan, "the plan as JSON")
    plan.set_defaults(run=_plan)
    status = commands.add_parser("status", help="the state of every cell of a study")
    _add_study(status)
    status.add_argument("--watch", action="store_true", help="again and again, until all are done or failed")
    status.add_argument("--json", action="store_true", help="as JSON")
    status.set_defaults(run=_status)
    run = commands.add_parser("run", help="run one planned cell")
    run.add_argument("cell", metavar="STUDY/RUN", help="its folder")
    run.set_defaults(run=_run)
    retry = commands.add_parser("retry", help="run the cells of a study that are not done")
    _add_study(retry)
    retry.add_argument("--failed", action="store_true", help="only those that failed, not what was interrupted")
    retry.add_argument("--cell", nargs="+", default=[], metavar="RUN", help="only these")
    retry.add_argument("--jobs", type=int, help="cells at a time; default: one for every GPU, else 1")
    retry.set_defaults(run=_retry)
    sweep = commands.add_parser("wandb-sweep", help="print a sweep for W&B's agents")
    _add_overrides(sweep, None)
    sweep.set_defaults(run=_wandb_sweep)


def _add_record_commands(commands: Any) -> None:
    table = commands.add_parser("table", help="the ablation table of a study")
    _add_study(table)
    table.add_argument(
        "--format", choices=("md", "csv", "json"), help="print in this format; default: for the terminal"
    )
    table.set_defaults(run=_table)
    rerun = commands.add_parser("rerun", help="run a finished record again and compare, bit by bit")
    rerun.add_argument("cell", metavar="STUDY/RUN", help="its folder")
    rerun.add_argument("overrides", nargs="*", metavar="key=value", help="places only, such as data.root=...")
    rerun.add_argument("--json", action="store_true", help="as JSON")
    rerun.set_defaults(run=_rerun)
    diff = commands.add_parser("diff", help="what differs between two runs")
    diff.add_argument("first", metavar="RUN")
    diff.add_argument("second", metavar="RUN")
    diff.add_argument("--json", action="store_true", help="as JSON")
    diff.set_defaults(run=_diff)
    gc = commands.add_parser("gc", help="remove checkpoints of finished runs; records stay")
    _add_study(gc)
    gc.add_argument("--keep", choices=("best", "last", "none"), default="best", help="which checkpoint stays")
    gc.add_argument("--dry-run", action="store_true", help="only say what would go")
    gc.add_argument("--json", action="store_true", help="as JSON")
    gc.set_defaults(run=_gc)
    export = commands.add_parser("export", help="all records of a study as one Parquet file")
    _add_study(export)
    export.add_argument("--output", type=Path, help="default: records.parquet in the study's folder")
    export.set_defaults(run=_export)
    sync = commands.add_parser("sync", help="upload offline W&B runs, each once")
    _add_study(sync)
    sync.set_defaults(run=_sync)


def _add_study(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("study", metavar="STUDY", help="runs/<study>, or just its name")


def _add_overrides(parser: argparse.ArgumentParser, json_help: str | None) -> None:
    parser.add_argument("overrides", nargs="*", metavar="group=choice | key=value")
    parser.add_argument("--config-dir", help="a folder of YAML of your own, laid out like conf/")
    if json_help is not None:
        parser.add_argument("--json", action="store_true", help=json_help)


def _corrected(given: list[str], parser: argparse.ArgumentParser) -> list[str]:
    """Refuse an unknown command with the nearest one; bring flags before overrides, where argparse wants them."""
    names = parser._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    if given and not given[0].startswith("-") and given[0] not in (names or ()):
        parser.error(f"there is no command {given[0]!r}{did_you_mean(given[0], names or ())}")
    if given[:1] and given[0] in LOOSE:
        flags: list[str] = []
        words = given[1:]
        while "--config-dir" in words[:-1]:
            at = words.index("--config-dir")
            flags += words[at : at + 2]
            del words[at : at + 2]
        return [given[0], *flags, *sorted(words, key=lambda word: not word.startswith("--"))]
    return given


def _profile(options: argparse.Namespace) -> None:
    from yololab.cli.profile import profile

    profile(options.overrides, as_json=options.json, config_dir=options.config_dir)


def _plan(options: argparse.Namespace) -> None:
    from yololab.cli.sweeps import plan

    plan(options.overrides, options.json, options.config_dir)


def _status(options: argparse.Namespace) -> None:
    from yololab.cli.sweeps import status

    status(study_folder(options.study), options.watch, options.json)


def _run(options: argparse.Namespace) -> int:
    from yololab.sweep import cell

    status = cell.main([str(run_folder(options.cell).path)])
    return INTERRUPTED if status == cell.INTERRUPTED else status


def _retry(options: argparse.Namespace) -> None:
    from yololab.cli.sweeps import retry

    retry(study_folder(options.study), options.failed, options.cell, options.jobs)


def _rerun(options: argparse.Namespace) -> int:
    from yololab.cli.records import rerun

    return 0 if rerun(run_folder(options.cell), options.overrides, options.json) else 1


def _diff(options: argparse.Namespace) -> None:
    from yololab.cli.records import diff

    diff(run_folder(options.first), run_folder(options.second), options.json)


def _gc(options: argparse.Namespace) -> None:
    from yololab.cli.records import gc

    gc(study_folder(options.study), options.keep, options.dry_run, options.json)


def _export(options: argparse.Namespace) -> None:
    from yololab.cli.records import export

    export(study_folder(options.study), options.output)


def _sync(options: argparse.Namespace) -> None:
    from yololab.cli.wandb import sync

    sync(study_folder(options.study))


def _wandb_sweep(options: argparse.Namespace) -> None:
    from yololab.cli.wandb import wandb_sweep

    wandb_sweep(options.overrides, options.config_dir)


def _table(options: argparse.Namespace) -> None:
    from yololab.study.print import print_study
    from yololab.study.record import read_cells
    from yololab.study.table import build_table, to_csv, to_json, to_markdown

    study = study_folder(options.study)
    if options.format is None:
        print_study(study)
        return
    records = read_cells(study)
    if not records:
        raise YololabError(f"{study}: no finished run yet")
    write = {"md": to_markdown, "csv": to_csv, "json": to_json}[options.format]
    print(write(build_table(records)), end="")


if __name__ == "__main__":
    main()

"""The subcommands that read a study, as argparse knows them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from yololab.cli.subcommand import command


def add_study_commands(commands: Any) -> None:
    """What reads a study, proves it and keeps it."""
    power = commands.add_parser("power", help="what so many seeds can see, and how many a difference needs")
    power.add_argument("study", nargs="?", metavar="STUDY", help="a finished study whose spread is taken")
    power.add_argument("--sd", type=float, help="a spread between seeds instead, in percent points of mAP")
    power.add_argument("--rows", type=int, default=2, help="of the planned study, baseline included; default 2")
    power.add_argument("--seeds", type=int, nargs="+", default=[2, 3, 5, 8, 12], help="default 2 3 5 8 12")
    power.add_argument("--effect", type=float, metavar="X", help="percent points of mAP: how many seeds it needs")
    power.set_defaults(run=command("power"))
    _add_table_commands(commands)
    report = commands.add_parser(
        "report", help="a study or a run on one page: answers, table, figures; opens from disk"
    )
    report.add_argument("study", metavar="STUDY | STUDY/RUN", help="runs/<study>, just its name, or one of its runs")
    report.add_argument("--runs", action="store_true", help="a page for each of the study's runs too")
    words = "whose images to show: one row (against the baseline), two, or none; default: the row that differs most"
    report.add_argument("--images", nargs="+", default=[], metavar="KEY=VALUE,...", help=words)
    report.add_argument("--out", "--output", dest="out", metavar="FILE", help="default: report.html in its folder")
    report.set_defaults(run=command("report"))
    paper = commands.add_parser("paper", help="what a paper needs: LaTeX table, figures, methods, checklists, RO-Crate")
    add_study(paper)
    paper.add_argument("--out", "--output", dest="out", metavar="FOLDER", help="default: <study>_paper here")
    paper.set_defaults(run=command("paper"))
    effects = commands.add_parser("effects", help="main effects and interactions of a study that crosses factors")
    add_study(effects)
    effects.add_argument("--format", choices=("md", "json"), help="default: for the terminal")
    effects.set_defaults(run=command("effects"))
    _add_proving_commands(commands)
    _add_keeping_commands(commands)


def _add_proving_commands(commands: Any) -> None:
    words = "whether a study's plan.json is as it was written before its runs; whether a certificate is what was signed"
    verify = commands.add_parser("verify", help=words)
    verify.add_argument("study", metavar="STUDY | FILE", help="runs/<study>, just its name, or a certificate's file")
    verify.add_argument("--key", metavar="KEY", help="the public key that must have signed the certificate")
    verify.set_defaults(run=command("verify"))
    rerun = commands.add_parser("rerun", help="run finished records again and compare, bit by bit")
    words_of_runs = "run folders or ids, as a table lists them; places to change, such as data.root=..."
    rerun.add_argument("runs", nargs="+", metavar="STUDY/RUN | RUN | key=value", help=words_of_runs)
    add_trust(rerun)
    rerun.add_argument("--json", action="store_true", help="as JSON")
    rerun.set_defaults(run=command("rerun", needs_torch=True))
    certify = commands.add_parser("certify", help="run a finished run again and sign what came out")
    certify.add_argument("runs", nargs="+", metavar="STUDY/RUN | RUN | key=value", help=words_of_runs)
    add_trust(certify)
    certify.add_argument("--out", "--output", dest="out", metavar="FILE", help="default: <run>.certificate.json here")
    certify.set_defaults(run=command("certify", needs_torch=True))
    diff = commands.add_parser("diff", help="what differs between two runs")
    diff.add_argument("first", metavar="RUN")
    diff.add_argument("second", metavar="RUN")
    diff.add_argument("--curves", action="store_true", help="every epoch of the curves too")
    diff.add_argument("--json", action="store_true", help="as JSON")
    diff.set_defaults(run=command("diff"))


def _add_table_commands(commands: Any) -> None:
    table = commands.add_parser("table", help="the ablation table of a study")
    add_study(table)
    table.add_argument("--baseline", metavar="KEY=VALUE,...", help="the row to compare with, by its choices")
    table.add_argument("--smallest-effect", type=float, metavar="X", help="percent points of mAP that matter")
    table.add_argument("--metrics", metavar="NAME,...", help="mAP,AP50,AP_S,P,R,F1,AP/<class>,latency,...")
    table.add_argument("--compare", metavar="METRIC", help="whose differences are judged; default: mAP")
    table.add_argument("--rows", metavar="FACTOR,...", help="factors down, instead of a line per row")
    table.add_argument("--cols", metavar="FACTOR,...", help="factors across")
    table.add_argument("--preset", choices=("tutorial",), help="check marks, P, R, mAP50, mAP50-95, Params, GFLOPs")
    table.add_argument("--strict", action="store_true", help="refuse where more than what was swept differs")
    table.add_argument(
        "--format",
        choices=("md", "csv", "json", "latex", "html"),
        help="print in this format; default: for the terminal",
    )
    table.set_defaults(run=command("table"))


def _add_keeping_commands(commands: Any) -> None:
    gc = commands.add_parser("gc", help="remove checkpoints and pictures of finished runs; records stay")
    add_study(gc)
    gc.add_argument("--keep", choices=("best", "last", "none"), default="best", help="which checkpoint stays")
    gc.add_argument("--pictures", type=int, metavar="N", help="prediction pictures of a run that stay; default: all")
    gc.add_argument("--uploaded", action="store_true", help="offline W&B folders that are uploaded go too")
    gc.add_argument("--dry-run", action="store_true", help="only say what would go")
    gc.add_argument("--json", action="store_true", help="as JSON")
    gc.set_defaults(run=command("gc"))
    records = commands.add_parser("records", help="all records of a study as one Parquet file")
    add_study(records)
    records.add_argument("--out", "--output", dest="output", type=Path, help="default: records.parquet in its folder")
    records.set_defaults(run=command("records"))
    sync = commands.add_parser("sync", help="upload offline W&B runs, each once")
    add_study(sync)
    sync.set_defaults(run=command("wandb", "sync"))


def add_study(parser: argparse.ArgumentParser) -> None:
    """The argument that names a study."""
    parser.add_argument("study", metavar="STUDY", help="runs/<study>, or just its name")


def add_trust(parser: argparse.ArgumentParser) -> None:
    """The flag that lets code of others be imported."""
    parser.add_argument("--trust", action="store_true", help="let a study from elsewhere import the code that it names")

"""The `yololab` command. A subcommand's module is imported when it is asked for: --help must not wait for torch."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console

from yololab import __version__
from yololab.cli.leave import be_ready_to_leave, leaving
from yololab.cli.model_commands import add_model_commands
from yololab.cli.study_commands import add_study, add_study_commands, add_trust
from yololab.cli.subcommand import command
from yololab.errors import ExitCode, RunFailed, YololabError, did_you_mean, explain_os_error
from yololab.run.openmp import SPINS, SPINS_OF_INFERENCE, wait_briefly
from yololab.terminal import say, say_error

EXAMPLES = """examples:
  yololab train attention=cbam seed=0            one run; -m sweeps: yololab train -m attention=none,cbam seed=0,1
  yololab plan attention=none,cbam seed=0,1      what that sweep would run, and for how long
  yololab status demo --watch                    how far a study is (a path, or a name under runs/)
  yololab retry demo --failed                    run again what failed
  yololab profile model=yolov9 attention=gam     parameters and GFLOPs, node by node, without training
  yololab table demo --format csv                the ablation table of a study"""
RENAMED = {"latency": "benchmark"}
INFERENCE = (["predict"], ["benchmark"])
"""Commands that compute image by image"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a subcommand; exits with 2 and a short message where the user's input does not fit."""
    if "_ARGCOMPLETE" in os.environ:
        _complete()
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] != ["train"]:  # which looks at the machine first
        wait_briefly(SPINS_OF_INFERENCE if given[:1] in INFERENCE else SPINS)
    be_ready_to_leave()
    if given[:1] == ["train"]:
        # Hydra reads its own command line, so that all of it works as with train.py.
        from yololab.cli import train_command

        sys.argv = [train_command.__file__, *given[1:]]  # a file that Lightning can run again for the ranks of DDP
        train_command.main()
        return
    os.environ.setdefault("PYTHONSAFEPATH", "1")  # no Python that is started from here imports from the current folder
    parser = _parser()
    options = parser.parse_args(_corrected(given, parser))
    from yololab.sweep.outcome import SweepFailed, SweepInterrupted

    try:
        status = options.run(options)
    except SweepFailed as error:
        _end(ExitCode.FAILED, str(error))
    except (KeyboardInterrupt, SweepInterrupted):
        say("interrupted; the same command goes on where it stopped", Console(stderr=True))
        sys.exit(leaving(ExitCode.INTERRUPTED))
    except YololabError as error:
        _end(ExitCode.FAILED if isinstance(error, RunFailed) else ExitCode.USER_ERROR, str(error))
    except BrokenPipeError:  # yololab table ... | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.FAILED)
    except OSError as error:
        message = explain_os_error(error, runs=given[0] in ("run", "retry", "rerun"))
        if message is None:
            raise
        _end(ExitCode.USER_ERROR, message)
    sys.exit(leaving(status or ExitCode.DONE))


def _complete() -> None:
    from yololab.cli.completion import complete

    parser = _parser()
    commands = _commands_of(parser)
    commands["train"].add_argument("overrides", nargs="*")  # which Hydra reads itself
    complete(parser, commands.values())


def _end(code: ExitCode, message: str) -> NoReturn:
    say_error(message)
    sys.exit(leaving(code))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="yololab",
        description="Experiments with YOLO-style detectors.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"yololab {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    commands.add_parser("train", help="train one configuration, or sweep several with -m", add_help=False)
    _add_import(commands)
    _add_sweep_commands(commands)
    add_study_commands(commands)
    add_model_commands(commands)
    new = commands.add_parser("new", help="begin a part of your own: class, YAML and test")
    new.add_argument("kind", metavar="KIND", help="attention, block, head, assigner or loss")
    new.add_argument("name", metavar="NAME", help="as on the command line: small letters, digits, _")
    new.set_defaults(run=command("new"))
    helper = commands.add_parser("help", help="a command's own help, or the choices of a group: yololab help attention")
    helper.add_argument("topic", nargs="?", metavar="COMMAND | GROUP")
    helper.add_argument("--config-dir", help="a folder of YAML of your own, laid out like conf/")
    told = {action.dest: action.help for action in commands._choices_actions}
    helper.set_defaults(run=command("help"), commands=told, parser_of=lambda name: commands.choices[name])
    return parser


def _add_import(commands: Any) -> None:
    catalogue = commands.add_parser("catalogue", help="every part that one word chooses, its source and its cost")
    catalogue.add_argument("groups", nargs="*", metavar="GROUP", help="attention, block, ...; all where not given")
    catalogue.add_argument("--json", action="store_true", help="a line of JSON for each part")
    catalogue.set_defaults(run=command("catalogue", needs_torch=True))
    index = commands.add_parser("import", help="a YAML of ultralytics or YOLOv9 as a named graph, or as choices")
    index.add_argument("file", metavar="FILE.yaml", help="rows of [from, repeats, module, args]")
    index.add_argument("--scale", metavar="LETTER", help="what is shown; the file's first where not given")
    index.add_argument("--name", help="write it as conf/model/NAME.yaml, even where choices build the same")
    words = "a class of yours for a module that is not known; it is imported"
    index.add_argument("--map", action="append", default=[], metavar="MODULE=package.Class", help=words)
    index.set_defaults(run=command("import", needs_torch=True))


def _add_data_command(commands: Any) -> None:
    data = commands.add_parser("data", help="what a data set holds, as one HTML page; nothing is trained")
    words = "its folder or data.yaml; data=..., image_size=... and other overrides"
    data.add_argument("words", nargs="*", metavar="ROOT | key=value", help=words)
    data.add_argument("--config-dir", help="a folder of YAML of your own, laid out like conf/")
    data.add_argument(
        "--out", "--output", dest="output", type=Path, metavar="FILE", help="default: data_report_<name>.html here"
    )
    data.add_argument("--json", action="store_true", help="the numbers as JSON, no page")
    data.add_argument("--croissant", type=Path, metavar="FILE.json", help="describe it as Croissant instead; no page")
    data.set_defaults(run=command("data", needs_torch=True))


def _add_sweep_commands(commands: Any) -> None:
    profile = commands.add_parser("profile", help="parameters and GFLOPs of a configuration")
    _add_overrides(profile, "totals and nodes as JSON")
    profile.set_defaults(run=command("profile", needs_torch=True))
    graph = commands.add_parser("graph", help="a picture (SVG) of a configuration's network, insertions marked")
    _add_overrides(graph, None)
    graph.add_argument("--out", "--output", dest="out", metavar="FILE.svg", help="default: <model>.svg here")
    graph.set_defaults(run=command("graph", needs_torch=True))
    plan = commands.add_parser("plan", help="what a sweep would run: runs, sizes, states, time")
    _add_overrides(plan, "the plan as JSON")
    plan.set_defaults(run=command("plan", needs_torch=True))
    _add_data_command(commands)
    status = commands.add_parser("status", help="the state of every run of a study")
    add_study(status)
    status.add_argument("--all", action="store_true", help="list every run of a large study, done ones too")
    status.add_argument("--watch", action="store_true", help="again and again, until all are done or failed")
    status.add_argument("--json", action="store_true", help="as JSON")
    status.set_defaults(run=command("status"))
    serve = commands.add_parser("serve", help="a study in a browser while it runs: states, curves, pictures, report")
    add_study(serve)
    serve.add_argument("--port", type=int, default=8080, help="default 8080; 0 takes a free one")
    serve.add_argument("--host", default="127.0.0.1", help="default: this machine alone can see it")
    serve.set_defaults(run=command("serve"))
    run = commands.add_parser("run", help="run one planned run")
    run.add_argument("folder", metavar="STUDY/RUN", help="its folder")
    add_trust(run)
    run.set_defaults(run=command("run", needs_torch=True))
    retry = commands.add_parser("retry", help="run the runs of a study that are not done")
    add_study(retry)
    retry.add_argument("--failed", action="store_true", help="only what failed or diverged, not what was interrupted")
    retry.add_argument("--run", dest="run_ids", nargs="+", default=[], metavar="RUN", help="only these")
    add_trust(retry)
    retry.add_argument("--jobs", type=int, help="runs at a time; default: one for every GPU, else 1")
    retry.set_defaults(run=command("retry", needs_torch=True))
    sweep = commands.add_parser("wandb-sweep", help="print a sweep for W&B's agents")
    _add_overrides(sweep, None)
    sweep.set_defaults(run=command("wandb", "wandb_sweep"))


def _add_overrides(parser: argparse.ArgumentParser, json_help: str | None) -> None:
    parser.add_argument("overrides", nargs="*", metavar="group=choice | key=value")
    parser.add_argument("--config-dir", help="a folder of YAML of your own, laid out like conf/")
    if json_help is not None:
        parser.add_argument("--json", action="store_true", help=json_help)


def _corrected(given: list[str], parser: argparse.ArgumentParser) -> list[str]:
    """Refuse an unknown command with the nearest one; bring flags before overrides, where argparse wants them."""
    names = _commands_of(parser)
    if given[:1] and given[0] in RENAMED:
        parser.error(f"{given[0]} is called {RENAMED[given[0]]} now: yololab {RENAMED[given[0]]} --help")
    if given and not given[0].startswith("-") and given[0] not in names:
        parser.error(f"there is no command {given[0]!r}{did_you_mean(given[0], names)}")
    chosen = names.get(given[0]) if given else None
    return given if chosen is None else [given[0], *_flags_first(given[1:], chosen)]


def _commands_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    return parser._subparsers._group_actions[0].choices  # type: ignore


def _flags_first(words: list[str], parser: argparse.ArgumentParser) -> list[str]:
    """Flags with their values before names and overrides, between which a person may write them."""
    actions = parser._option_string_actions
    if any(action.nargs not in (None, 0) for action in actions.values()):
        return words  # whose values end where the next flag begins
    flags: list[str] = []
    rest: list[str] = []
    waiting = iter(words)
    for word in waiting:
        begun = [name for name in actions if word.startswith("--") and name.startswith(word)]  # as argparse takes it
        action = actions.get(begun[0] if len(begun) == 1 and word not in actions else word)
        if action is None and word.startswith("--") and not begun and "=" not in word:
            parser.error(f"there is no option {word}{did_you_mean(word, actions)}")
        (rest if action is None and not word.startswith("--") else flags).append(word)
        if action is not None and action.nargs is None:
            flags += [value for value in [next(waiting, None)] if value is not None]
    return [*flags, *rest]


if __name__ == "__main__":
    main()

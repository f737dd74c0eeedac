"""yololab's command line inside the process of the tests: the same words and exit codes, without seconds of imports.

Runs of a sweep are processes of their own all the same; their fork server serves all tests of a session's worker.
"""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

from hydra.core.global_hydra import GlobalHydra

from timing import patience
from yololab.cli.main import main

TRAIN = Path(__file__).parents[1] / "train.py"
SMOKE = ("experiment=smoke", "tracker=none", "recipe.epochs=1")
"""One epoch of the smallest experiment."""


def yololab(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command as main() runs it, from `cwd`."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with _own_state(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = int(end.code or 0)
        except Exception:
            traceback.print_exc(file=err)
            code = 1
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def yololab_process(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The same in a process of its own, where that is the point."""
    command = [sys.executable, "-m", "yololab.cli.main", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=patience(300), cwd=cwd)


@contextlib.contextmanager
def _own_state(cwd: Path | None) -> Iterator[None]:
    """What a command changes of its process, put back."""
    before, arguments, path, folder = dict(os.environ), sys.argv, list(sys.path), Path.cwd()
    GlobalHydra.instance().clear()
    if cwd is not None:
        os.chdir(cwd)
    try:
        yield
    finally:
        os.chdir(folder)
        sys.argv = arguments
        sys.path[:] = path
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)
        GlobalHydra.instance().clear()

"""`python -m yololab.run.process FOLDER`: run one planned run; what launchers, cluster jobs and DDP ranks start."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from rich.console import Console

from yololab.errors import ExitCode, RunFailed, YololabError, explain_os_error
from yololab.run.openmp import wait_as_cores_allow
from yololab.terminal import say, say_error


def main(
    arguments: Sequence[str] | None = None,
    is_orphan: Callable[[], bool] = lambda: False,
    report: Callable[[Exception], None] = lambda _: None,
) -> int:
    """Run what the folder holds that is the only argument; the exit code says how it ended.

    `report` is told of an error before anything is written or printed, for which a full disk may have no room.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if len(given) != 1:
        print("usage: python -m yololab.run.process RUN_FOLDER", file=sys.stderr)
        return ExitCode.USER_ERROR
    wait_as_cores_allow()
    from yololab.run.folder import RunFolder
    from yololab.run.start import HeldError, run_planned
    from yololab.training.ranks import is_first_rank
    from yololab.training.stop import Interrupted

    console = Console(stderr=True)
    try:
        with as_process(given[0]):
            run_planned(RunFolder(Path(given[0])), is_orphan)
    except Interrupted as reason:
        if not is_first_rank():
            return ExitCode.DONE  # else Lightning would kill the first rank, which is still writing
        say(f"interrupted ({reason}); it continues from its checkpoint", console)
        return ExitCode.INTERRUPTED
    except HeldError as error:
        say(str(error), console)
        return ExitCode.HELD
    except Exception as error:
        if isinstance(error, RunFailed) and error.ends_every_rank and not is_first_rank():
            return ExitCode.DONE  # likewise
        report(error)
        message = str(error) if isinstance(error, YololabError) else explain_os_error(error)
        if message is not None:
            say_error(message)
        else:
            console.print_exception()
        return ExitCode.FAILED
    return ExitCode.DONE


@contextmanager
def as_process(folder: str) -> Iterator[None]:
    """While entered, what Lightning runs again for the ranks of DDP is this run, not the sweep or job around it."""
    main_before, argv_before = sys.modules["__main__"], sys.argv
    hydra_config = HydraConfig.instance().cfg if HydraConfig.initialized() else None
    sys.modules["__main__"] = importlib.import_module("yololab.run.process")
    sys.argv = [__file__, folder]
    HydraConfig.instance().cfg = None
    try:
        yield
    finally:
        sys.modules["__main__"], sys.argv = main_before, argv_before
        HydraConfig.instance().cfg = hydra_config


if __name__ == "__main__":
    sys.exit(main())

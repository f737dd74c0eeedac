"""`python -m yololab.sweep.cell FOLDER`: run one planned cell; what launchers, cluster jobs and DDP ranks start."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from rich.console import Console
from rich.markup import escape

from yololab.errors import YololabError

DONE, FAILED, INTERRUPTED, HELD = 0, 1, 3, 4
"""Exit statuses"""


def main(arguments: Sequence[str] | None = None, is_orphan: Callable[[], bool] = lambda: False) -> int:
    """Run the cell in the folder that is the only argument; the exit status says how it ended."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if len(given) != 1:
        print("usage: python -m yololab.sweep.cell RUN_FOLDER", file=sys.stderr)
        return 2
    from yololab.run import HeldError, is_first_rank, run_folder
    from yololab.study.folder import RunFolder
    from yololab.training.stop import Interrupted

    console = Console(stderr=True)
    sys.path.insert(0, "")  # where a user's own parts lie
    try:
        with as_cell(given[0]):
            run_folder(RunFolder(Path(given[0])), is_orphan)
    except Interrupted as reason:
        if not is_first_rank():
            return DONE  # else Lightning would kill the first rank, which is still writing
        console.print(f"interrupted ({reason}); it continues from its checkpoint", soft_wrap=True)
        return INTERRUPTED
    except HeldError as error:
        console.print(str(error), soft_wrap=True)
        return HELD
    except YololabError as error:
        console.print(f"[red]error:[/red] {escape(str(error))}", highlight=False, soft_wrap=True)
        return FAILED
    except Exception:
        console.print_exception()
        return FAILED
    return DONE


@contextmanager
def as_cell(folder: str) -> Iterator[None]:
    """While entered, what Lightning runs again for the ranks of DDP is this cell, not the sweep or job around it."""
    main_before, argv_before = sys.modules["__main__"], sys.argv
    hydra_config = HydraConfig.instance().cfg if HydraConfig.initialized() else None
    sys.modules["__main__"] = importlib.import_module("yololab.sweep.cell")
    sys.argv = [__file__, folder]
    HydraConfig.instance().cfg = None
    try:
        yield
    finally:
        sys.modules["__main__"], sys.argv = main_before, argv_before
        HydraConfig.instance().cfg = hydra_config


if __name__ == "__main__":
    sys.exit(main())

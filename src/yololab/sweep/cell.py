"""`python -m yololab.sweep.cell FOLDER`: run one planned cell; what launchers, cluster jobs and DDP ranks start."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

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
    from yololab.run import HeldError, run_folder
    from yololab.study.folder import RunFolder
    from yololab.training.stop import Interrupted

    console = Console(stderr=True)
    sys.path.insert(0, "")  # where a user's own parts lie
    try:
        run_folder(RunFolder(Path(given[0])), is_orphan)
    except Interrupted as reason:
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


if __name__ == "__main__":
    sys.exit(main())

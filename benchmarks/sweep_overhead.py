"""What the sweep engine costs: wall time of a sweep beside the time that its cells alone took, and of a large plan.

    python benchmarks/sweep_overhead.py [--cells 20] [--epochs 12]

Cells train on embedded data, one at a time, each about five seconds on two cores. "Cells alone" is what the records say
that the runs took: reading data, building, training, evaluating, writing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from yololab.run.provenance import machine
from yololab.run.record import read_study

TRAIN = Path(__file__).parents[1] / "train.py"
GRID = [
    "attention=cbam,gam,ca,eca",
    "insert_pos=neck,all_heads",
    "head=dual_ddetect,effide",
    "loss=ciou,siou",
    "assigner=static,simota",
]


def measure_sweep(cells: int, epochs: int) -> None:
    with tempfile.TemporaryDirectory() as root:
        options = ["experiment=smoke", f"recipe.epochs={epochs}", f"seed=range(0,{cells})", f"runtime.root={root}"]
        start = time.perf_counter()
        subprocess.run([sys.executable, str(TRAIN), "-m", *options], check=True, stdout=subprocess.DEVNULL)
        wall = time.perf_counter() - start
        alone = sum(record.durations["total"] for record in read_study(Path(root) / "smoke"))
    print(f"{cells} cells, one at a time: {wall:.1f} s; the cells alone {alone:.1f} s ({alone / cells:.1f} s each); "
          f"overhead {100 * (wall / alone - 1):.1f}%")  # fmt: skip


def measure_plan() -> None:
    for seeds in (1, 16):
        options = [*GRID, f"seed=range(0,{seeds})"]
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "yololab.cli.main", "plan", *options, "--json"], check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        print(f"plan of {64 * seeds} cells, 16 graphs: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cells", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=12)
    options = parser.parse_args()
    print(machine())
    measure_plan()
    measure_sweep(options.cells, options.epochs)

"""What the sweep engine costs: wall time of a sweep beside the time that its runs alone took, and of a large plan.

    python benchmarks/sweep_overhead.py [--runs 20] [--epochs 12]

Runs train on embedded data, one at a time, each about five seconds on two cores. "Runs alone" is what the records say
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
from yololab.study.records import read_records

TRAIN = Path(__file__).parents[1] / "train.py"
GRID = [
    "attention=cbam,gam,ca,eca",
    "insert_pos=neck,all_heads",
    "head=dual_ddetect,effide",
    "loss=ciou,siou",
    "assigner=static,simota",
]


def measure_sweep(runs: int, epochs: int) -> None:
    with tempfile.TemporaryDirectory() as root:
        options = ["experiment=smoke", f"recipe.epochs={epochs}", f"seed=range(0,{runs})", f"runtime.root={root}"]
        start = time.perf_counter()
        subprocess.run([sys.executable, str(TRAIN), "-m", *options], check=True, stdout=subprocess.DEVNULL)
        wall = time.perf_counter() - start
        alone = sum(record.durations["total"] for record in read_records(Path(root) / "smoke"))
    print(f"{runs} runs, one at a time: {wall:.1f} s; the runs alone {alone:.1f} s ({alone / runs:.1f} s each); "
          f"overhead {100 * (wall / alone - 1):.1f}%")  # fmt: skip


def measure_plan(*many: int) -> None:
    for seeds in many:
        options = [*GRID, f"seed=range(0,{seeds})"]
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "yololab.cli.main", "plan", *options, "--json"], check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
        print(f"plan of {64 * seeds} runs, 16 graphs: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--quick", action="store_true", help="the smallest form, for a test")
    options = parser.parse_args()
    print(machine())
    if options.quick:
        measure_plan(1)
        measure_sweep(1, 1)
    else:
        measure_plan(1, 16)
        measure_sweep(options.runs, options.epochs)

"""What a training step loses beside processes that keep every core busy, by how OpenMP's threads wait for each other.

    python benchmarks/busy_machine.py [--rounds 3]

With as many busy processes as cores, half of a lone step's speed is the fair share. Each cell is a process of its own;
cells take turns, alone and beside the others, round by round. "ours" is what yololab chooses by what
runs when it starts.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # absent where PYTHONSAFEPATH is set

from training_step import DEFAULT, QUICK, in_process

from yololab.run.openmp import POLICY, SPIN_COUNT, SPINS
from yololab.run.provenance import machine

STEP = Path(__file__).parent / "training_step.py"
CELLS = {
    "OpenMP's default": {SPIN_COUNT: "", POLICY: ""},
    "ours": {},
    f"{SPINS} spins": {SPIN_COUNT: str(SPINS)},
    "no spins": {SPIN_COUNT: "0"},
    "one thread": {"OMP_NUM_THREADS": "1"},
}


@contextmanager
def busy(count: int):
    """So many processes that do nothing but compute."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    time.sleep(0.5)
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def rate(environment: dict[str, str], overrides: list[str], steps: int) -> float:
    """Images per second of a process in `environment`."""
    given = {key: value for key, value in os.environ.items() if key not in (SPIN_COUNT, POLICY)} | environment
    words = [str(STEP), "--once", "--steps", str(steps), *overrides]
    return in_process(sys.executable, *words, environment=given)["images_per_second"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--quick", action="store_true", help="the smallest form, for a test")
    options = parser.parse_args()
    rounds, steps = (1, 1) if options.quick else (options.rounds, options.steps)
    overrides, cells = (QUICK, dict(list(CELLS.items())[1:2])) if options.quick else (DEFAULT, CELLS)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    alone: dict[str, list[float]] = {name: [] for name in cells}
    beside: dict[str, list[float]] = {name: [] for name in cells}
    for _ in range(rounds):
        for name, environment in cells.items():
            alone[name].append(rate(environment, overrides, steps))
            with busy(cores):
                beside[name].append(rate(environment, overrides, steps))
    print(f"{machine()['processor']}, {cores} cores, {cores} busy processes")
    for name in cells:
        free, shared = statistics.median(alone[name]), statistics.median(beside[name])
        print(f"{name:18s} alone {free:5.1f} img/s, beside {shared:5.1f} img/s: {shared / free:.2f}")


if __name__ == "__main__":
    main()

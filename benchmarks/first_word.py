"""How long a person waits for a command's first word, as ratios to importing torch alone.

    python benchmarks/first_word.py [--repeats 5]

Commands that need no torch are told by their ratio: status, a table, a wrong key. The median of processes that are
started in turn.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

from yololab.run.provenance import machine

ROOT = Path(__file__).parents[1]
STUDY = str(ROOT / "experiments" / "bccd_cbam")
YOLOLAB = [sys.executable, "-m", "yololab.cli.main"]
COMMANDS = {
    "import torch": [sys.executable, "-c", "import torch"],
    "yololab help": [*YOLOLAB, "help"],
    "yololab status": [*YOLOLAB, "status", STUDY],
    "yololab table": [*YOLOLAB, "table", STUDY, "--format", "md"],
    "train.py with a wrong key": [sys.executable, str(ROOT / "train.py"), "no_such_key=1"],
    "yololab plan, one run": [*YOLOLAB, "plan", "experiment=smoke"],
}


def measure(repeats: int) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(repeats):
        for name, command in COMMANDS.items():
            start = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(found) for name, found in times.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="the smallest form, for a test")
    options = parser.parse_args()
    print(machine())
    found = measure(1 if options.quick else options.repeats)
    alone = found["import torch"]
    for name, seconds in found.items():
        print(f"{name}: {seconds:.2f} s, {seconds / alone:.2f} of importing torch")

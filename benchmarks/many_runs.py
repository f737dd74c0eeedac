"""What commands cost where a study's folder holds ten thousand runs.

    python benchmarks/many_runs.py [--runs 10000]

One run is trained; the others are copies of its folder with another seed, another learning rate and numbers shifted a
little: 20 rows, as many seeds as it takes. `plan` is asked for 20 more runs. Files are in the system's cache.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from yololab.run.provenance import machine

TRAIN = Path(__file__).parents[1] / "train.py"
ROWS = 20
COPIED = ("config.yaml", "metrics.csv", "log.txt", "matches.npz")


def fill(study: Path, runs: int, rows: int = ROWS) -> None:
    """Copies of the study's only run, in so many rows."""
    (first,) = [path.parent for path in study.glob("*/results.json")]
    record, spec = (json.loads((first / name).read_text()) for name in ("results.json", "spec.json"))
    status, made = (first / "status.json").read_text(), random.Random(0)
    for number in range(1, runs):
        row, seed = number % rows, number // rows
        words = [f"seed={seed}", f"recipe.lr={0.001 * (row + 1):.3f}"]
        new = json.loads(json.dumps(record))
        new["run_id"], new["seed"] = f"r{number:010x}", seed
        new["overrides"] = [*spec["overrides"], *words]
        new["science"]["recipe"]["lr"] = 0.001 * (row + 1)
        new["metrics"] = {name: _near(value, made) for name, value in record["metrics"].items()}
        folder = study / new["run_id"]
        folder.mkdir()
        (folder / "results.json").write_text(json.dumps(new))
        (folder / "spec.json").write_text(json.dumps({**spec, "overrides": new["overrides"]}))
        (folder / "status.json").write_text(status)
        for name in COPIED:
            os.link(first / name, folder / name)


def _near(value: float | None, made: random.Random) -> float | None:
    return None if value is None else min(1.0, max(0.0, value + 0.01 * made.gauss(0, 1)))


def seconds(*command: str) -> float:
    """Wall time of a command."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as root:
        words = ["experiment=smoke", f"runtime.root={root}", "study.name=many"]
        subprocess.run(
            [sys.executable, str(TRAIN), "-m", *words, "recipe.lr=0.001"], check=True, stdout=subprocess.DEVNULL
        )
        study = Path(root) / "many"
        commands = {
            "status": ["status", str(study)],
            "table": ["table", str(study), "--format", "md"],
            "plan": ["plan", *words, "recipe.lr=0.5", f"seed=range(0,{ROWS})"],
        }
        called = {name: ["-m", "yololab.cli.main", *rest] for name, rest in commands.items()}
        alone = {name: seconds(*command) for name, command in called.items()}
        fill(study, runs)
        for name, command in called.items():
            print(f"{name}: {seconds(*command):.1f} s beside {runs} runs, {alone[name]:.1f} s beside one")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--quick", action="store_true", help="the smallest form, for a test")
    options = parser.parse_args()
    print(machine())
    main(40 if options.quick else options.runs)

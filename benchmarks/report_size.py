"""What a study's page weighs, and how long it takes to write and to open, by the number of its rows.

    python benchmarks/report_size.py [--browser]

One run is trained; three seeds a row are copies of it with another learning rate and numbers shifted a little.
`--browser` opens each page in the system's Chromium (`pip install playwright`): the first paint, and everything loaded.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from shutil import which

sys.path.insert(0, str(Path(__file__).parent))  # absent where PYTHONSAFEPATH is set

from many_runs import TRAIN, fill

from yololab.run.provenance import machine

ROWS, SEEDS = (2, 12, 60, 200), 3
PAINT = "performance.getEntriesByName('first-contentful-paint').map((one) => one.startTime)"
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"


def written(root: Path, rows: int) -> tuple[Path, float]:
    """A study of so many rows; its page, and the seconds that it took."""
    words = ["experiment=smoke", f"runtime.root={root}", f"study.name=rows{rows}", "recipe.lr=0.001"]
    subprocess.run([sys.executable, str(TRAIN), "-m", *words], check=True, stdout=subprocess.DEVNULL)
    study = root / f"rows{rows}"
    fill(study, rows * SEEDS, rows)
    page, start = study / "report.html", time.perf_counter()
    command = [sys.executable, "-m", "yololab.cli.main", "report", str(study), "--out", str(page)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return page, time.perf_counter() - start


def opened(page: Path) -> tuple[float, float]:
    """Milliseconds to the first paint, and until everything is loaded."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page()
        tab.goto(page.as_uri())
        while not (tab.evaluate(PAINT) and tab.evaluate(LOADED)):  # the page lets no string be run as a condition
            tab.wait_for_timeout(10)
        found = float(tab.evaluate(PAINT)[0]), float(tab.evaluate(LOADED))
        browser.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--browser", action="store_true")
    parser.add_argument("--quick", action="store_true", help="the smallest form, for a test")
    options = parser.parse_args()
    print(machine()["processor"])
    with tempfile.TemporaryDirectory() as root:
        for rows in ROWS[:1] if options.quick else ROWS:
            page, seconds = written(Path(root), rows)
            line = f"{rows} rows x {SEEDS} seeds: {page.stat().st_size / 2**20:.2f} MiB, written in {seconds:.1f} s"
            if options.browser:
                paint, loaded = opened(page)
                line += f", first paint {paint:.0f} ms, loaded {loaded:.0f} ms"
            print(line, flush=True)


if __name__ == "__main__":
    main()

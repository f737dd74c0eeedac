"""A sweep that is started, killed at chosen moments, and looked at from outside."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from command import TRAIN, yololab
from timing import patience

MARK = "YOLOLAB_CRASH_TEST"


@dataclass
class Sweep:
    """One command, and the study that it should finish."""

    root: Path
    overrides: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    token: str = field(default_factory=lambda: uuid.uuid4().hex)
    process: subprocess.Popen | None = None

    def __post_init__(self) -> None:
        self.log_file = self.root.with_name(f"{self.root.name}.log")

    @property
    def study(self) -> Path:
        return self.root / "smoke"

    def arguments(self) -> list[str]:
        return ["-m", "experiment=smoke", f"runtime.root={self.root}", *self.overrides]

    def start(self) -> subprocess.Popen:
        command = [sys.executable, str(TRAIN), *self.arguments()]
        self.root.mkdir(parents=True, exist_ok=True)
        log = self.log_file.open("a")
        environment = {**os.environ, MARK: self.token, "OMP_NUM_THREADS": "1", **self.environment}
        self.process = subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)
        return self.process

    def finish(self) -> int:
        """Type the command and let it run to its end."""
        return self.start().wait(patience(600))

    def finish_here(self) -> int:
        """The same with this process as the controller, which has imported everything already."""
        done = yololab("train", *self.arguments())
        self.log_file.write_text(done.stdout + done.stderr)
        return done.returncode

    def is_over(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def processes(self) -> list[int]:
        """Every process that descends from the command: all inherit its environment."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if self.token.encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
        return found

    def runs(self) -> list[int]:
        """Processes that run a run, as the claims have it."""
        from yololab.run.claim import latest_claim, owner_of

        found = []
        for folder in self.study.glob("r*") if self.study.is_dir() else ():
            owner = owner_of(folder, latest_claim(folder))
            if owner is not None and owner.is_gone() is False:
                found.append(owner.pid)
        return found

    def kill(self, whom: str) -> None:
        """SIGKILL to "all", the "runs" or the "controller" (whose runs then stop by themselves)."""
        assert self.process is not None
        pids = {"all": self.processes, "runs": self.runs, "controller": lambda: [self.process.pid]}[whom]()
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if whom == "runs":
            return
        self.process.wait()
        deadline = time.monotonic() + patience(90)
        while self.processes() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not self.processes(), "processes of a killed sweep go on"

    def wait_until_it_trains(self) -> None:
        """Until some run has a claim."""
        deadline = time.monotonic() + patience(60)
        while not self.runs() and time.monotonic() < deadline and not self.is_over():
            time.sleep(0.05)

    def catch_writing(self, name: str, seconds: float = 60) -> int | None:
        """Wait until some process is in the middle of writing `name`, stop it there and return it; None: never came."""
        deadline = time.monotonic() + patience(seconds)
        while time.monotonic() < deadline and not self.is_over():
            for path in _half_written(self.study, name):
                pid = int(path.name.split(".")[-2])
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
                    if path.exists():
                        return pid
                    os.kill(pid, signal.SIGCONT)
        return None

    def results(self) -> dict[str, bytes]:
        return {path.parent.name: path.read_bytes() for path in self.study.glob("r*/results.json")}

    def attempts(self) -> dict[str, int]:
        from yololab.run.claim import latest_claim

        return {path.name: latest_claim(path) for path in self.study.glob("r*") if path.is_dir()}

    def tables(self) -> dict[str, bytes]:
        return {name: (self.study / name).read_bytes() for name in ("table.md", "table.csv", "table.json")}

    def curves(self) -> dict[str, str]:
        """Every run's numbers, epoch by epoch, without the time that they took."""
        found = {}
        for run, content in self.results().items():
            record = json.loads(content)
            rows = [{name: value for name, value in row.items() if name != "seconds"} for row in record["curve"]]
            numbers = {name: record[name] for name in ("metrics", "per_class", "validation")}
            found[run] = json.dumps([rows, numbers], sort_keys=True)
        return found

    def days(self) -> set[str]:
        """Dates of heartbeats, as the clocks of those who wrote them had it."""
        statuses = [json.loads(path.read_text()) for path in self.study.glob("r*/status.json")]
        return {status["heartbeat"][:10] for status in statuses if status.get("heartbeat")}

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def leftovers(self) -> list[str]:
        return [str(path) for path in self.study.rglob("*.tmp")]


def _half_written(study: Path, name: str) -> list[Path]:
    found = []
    try:
        runs = [entry.path for entry in os.scandir(study) if entry.name.startswith("r")]
    except FileNotFoundError:
        return []
    for run in runs:
        folder = os.path.join(run, "checkpoints") if name.endswith(".ckpt") else run
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            found += [Path(entry.path) for entry in os.scandir(folder) if entry.name.startswith(f".{name}.")]
    return found

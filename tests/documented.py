"""Commands of README, CONTRIBUTING and docs, with a tiny study, data and code in place of what is meant."""

from __future__ import annotations

import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from data.case import written_thrice

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
ELSEWHERE = {"first-hour.md"}
"""Run from its first line to its last by a test of its own"""
PROGRAMS = ("yololab", "python", "make")
UNTRIED = {
    "hydra/launcher=": "needs SLURM or Ray: make test-cluster",
    "python train.py -m experiment=mine": "an experiment that the page leaves to its reader; its YAML stands above it",
    "python -m": "a module of Python",
}
NAMES = ("disc", "square", "triangle")


@dataclass(frozen=True)
class Documented:
    """A command as a page shows it."""

    page: str
    text: str

    @property
    def untried(self) -> str | None:
        """Why no test runs it."""
        return next((reason for part, reason in UNTRIED.items() if part in self.text), None)


def documented() -> list[Documented]:
    """Every command of every page, each once."""
    found: dict[str, Documented] = {}
    for page in PAGES:
        if page.name in ELSEWHERE:
            continue
        text = re.sub(r"^```(?!sh$)\w+\n.*?^```$", "", page.read_text(), flags=re.M | re.S)
        for line in text.replace("\\\n", " ").splitlines():
            words = " ".join(line.split())
            if line.startswith("    ") and words.startswith(tuple(f"{program} " for program in PROGRAMS)):
                command = words.split(" # ")[0].split(" > ")[0].strip()
                found.setdefault(command, Documented(page.name, command))
    return list(found.values())


def as_typed(command: str, run_ids: list[str], data: dict[str, Path]) -> list[str]:
    """The words that a reader would type, with a study's, runs' and data sets' own names."""
    text = re.sub(r"\[(--[^\]]*)\]", _option, command.replace("[data=...]", "").replace("[data.root=...]", ""))
    text = text.replace(" RUN RUN", f" {run_ids[0]} {run_ids[1]}").replace("STUDY/RUN", f"runs/smoke/{run_ids[0]}")
    for word, meant in (
        ("RUN", run_ids[0]),
        ("NAME", "smoke"),
        ("<class>", NAMES[0]),
        ("RBC,WBC", "disc,square"),
        ("power STUDY", f"power {ROOT / 'experiments' / 'noise_floor'}"),  # which has learnt something, and spreads
        ("STUDY", "smoke"),
        ("--baseline attention=none", "--baseline attention=cbam"),
        (
            "--images attention=none attention=cbam",
            "--images insert_pos=neck,attention=cbam insert_pos=neck,attention=eca",
        ),
        ("attention,insert_pos --cols head", "attention --cols insert_pos"),
        ("/path/to/data.yaml", str(data["yolo"] / "data.yaml")),
        ("data=coco data.root=/path/to/folder", f"data=coco data.root={data['coco']}"),
        ("/path/to/folder", str(data["voc"])),
        ("/path/to/it", str(data["yolo"])),
        ("/path/to/bccd", str(data["bccd"])),
    ):
        text = re.sub(rf"(?<![\w.-]){re.escape(word)}(?!\w)", lambda _, meant=meant: meant, text)
    return [word for word in shlex.split(text) if word != "..."]


def _option(found: re.Match[str]) -> str:
    """What may be left out is given, with the first of its choices: [--keep best|last|none] as --keep best."""
    return re.sub(r"\bN\b", "1", re.sub(r"(\w+)(\|\w+)+", r"\1", found.group(1).replace(" ...", "")))


def write_place(folder: Path) -> dict[str, Path]:
    """Data in three formats and under BCCD's names, pictures, and code of one's own; where each lies."""
    data = written_thrice(folder / "data")
    lists = data["voc"] / "ImageSets" / "Main"
    shutil.copy(lists / "val.txt", lists / "test.txt")
    with (data["yolo"] / "data.yaml").open("a") as stream:
        stream.write("test: images/val\n")
    data["bccd"] = Path(shutil.copytree(data["voc"], folder / "data" / "bccd"))
    for path in (data["bccd"] / "Annotations").iterdir():
        text = path.read_text()
        for ours, theirs in zip(NAMES, ("RBC", "WBC", "Platelets"), strict=True):
            text = text.replace(f"<name>{ours}<", f"<name>{theirs}<")
        path.write_text(text)
    _write_readers_own(folder)
    return data


def _write_readers_own(folder: Path) -> None:
    (folder / "images").mkdir()
    for index in range(2):
        cv2.imwrite(str(folder / "images" / f"{index}.png"), np.full((64, 64, 3), 90, np.uint8))
    cv2.imwrite(str(folder / "large.png"), np.full((700, 900, 3), 90, np.uint8))
    (folder / "my_module.py").write_text(
        "from torch import nn\n\n\nclass X(nn.Module):\n    def __init__(self, channels):\n"
        "        super().__init__()\n        self.conv = nn.Conv2d(channels, channels, 1)\n\n"
        "    def forward(self, x):\n        return x * self.conv(x).sigmoid()\n\n\nMyAttention = X\n"
    )
    (folder / "myconf" / "attention").mkdir(parents=True)
    (folder / "myconf" / "attention" / "mine.yaml").write_text("_target_: my_module.MyAttention\n")

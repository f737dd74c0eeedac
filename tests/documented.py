"""Commands of README, CONTRIBUTING and docs, with a tiny study, data and code in place of what is meant."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from data.case import voc_object
from yololab.data import ShapesSource

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
    """Data in three formats, pictures, and code of one's own; where each format lies."""
    source = ShapesSource(train=16, val=8, size=64)
    data = {name: folder / "data" / name for name in ("yolo", "coco", "voc", "bccd")}
    for split in ("train", "val"):
        records = source.read(split).records
        coco: dict = {
            "images": [],
            "annotations": [],
            "categories": [{"id": i, "name": n} for i, n in enumerate(NAMES)],
        }
        for record in records:
            boxes = record.boxes_xyxy.round()
            for place in (f"coco/{split}", f"yolo/images/{split}", "voc/JPEGImages", "bccd/JPEGImages"):
                (folder / "data" / place).mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(folder / "data" / place / f"{record.name}.png"), record.pixels)
            _write_labels(data, split, record.name, boxes, record.labels)
            coco["images"].append(
                {"id": len(coco["images"]), "file_name": f"{record.name}.png", "width": 64, "height": 64}
            )
            for (x1, y1, x2, y2), label in zip(boxes.tolist(), record.labels.tolist(), strict=True):
                number = {"id": len(coco["annotations"]), "image_id": len(coco["images"]) - 1, "category_id": label}
                coco["annotations"].append(number | {"bbox": [x1, y1, x2 - x1, y2 - y1]})
        (data["coco"] / f"{split}.json").write_text(json.dumps(coco))
        lists = [data[name] / "ImageSets" / "Main" for name in ("voc", "bccd")]
        for place in lists:
            place.mkdir(parents=True, exist_ok=True)
            for name in [split, *(["test"] if split == "val" else [])]:
                (place / f"{name}.txt").write_text("\n".join(record.name for record in records))
    (data["yolo"] / "data.yaml").write_text("train: images/train\nval: images/val\ntest: images/val\n" + _names())
    _write_readers_own(folder)
    return data


def _names() -> str:
    return f"names: [{', '.join(NAMES)}]\n"


def _write_labels(data: dict[str, Path], split: str, name: str, boxes: np.ndarray, labels: np.ndarray) -> None:
    cells = ("RBC", "WBC", "Platelets")  # BCCD's own classes
    for place, names in (("voc", NAMES), ("bccd", cells)):
        (data[place] / "Annotations").mkdir(exist_ok=True)
        objects = [voc_object(names[label], box) for label, box in zip(labels, boxes.tolist(), strict=True)]
        text = f"<annotation>\n{''.join(objects)}</annotation>\n"
        (data[place] / "Annotations" / f"{name}.xml").write_text(text)
    rows = np.concatenate(((boxes[:, :2] + boxes[:, 2:]) / 128, (boxes[:, 2:] - boxes[:, :2]) / 64), axis=1)
    lines = [f"{label} " + " ".join(f"{v:.6f}" for v in row) for label, row in zip(labels, rows, strict=True)]
    path = data["yolo"] / "labels" / split / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines))


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

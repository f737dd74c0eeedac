"""Augmented training images a second, decoded once and kept in memory, in one process; a peer's on the same files.

python benchmarks/augmentation.py [--peer PYTHON] [--rounds 3] [--sizes 320 640]

Mosaic always, zoom 0.5, shift 0.1, colours and flips as YOLOv8's recipe has them; no collating. 256 made photographs of
640 x 480 pixels as JPEG, with YOLO labels.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parent))  # absent where PYTHONSAFEPATH is set

from training_step import print_peers, taking_turns

if TYPE_CHECKING:
    from yololab.data.detection_data import DetectionData, ImageRecord

PEER = Path(__file__).parent / "peers" / "ultralytics_augmentation.py"
WIDTH, HEIGHT = 640, 480


def write_data(folder: Path, count: int) -> None:
    """Scenes as JPEG with their boxes as YOLO txt."""
    import cv2

    from yololab.data import ShapesSource

    for kind in ("images", "labels"):
        (folder / kind / "train").mkdir(parents=True)
    for record in ShapesSource(train=count, size=WIDTH, max_objects=8).read("train").records:
        assert record.pixels is not None
        image = cv2.resize(record.pixels, (WIDTH, HEIGHT))
        cv2.imwrite(str(folder / "images" / "train" / f"{record.name}.jpg"), image)
        write_labels(folder, record.name, record)
    write_yaml(folder, ["a", "b", "c"])


def write_labels(folder: Path, name: str, record: ImageRecord, split: str = "train") -> None:
    """A record's boxes as YOLO txt."""
    import numpy as np

    boxes = record.boxes_xyxy / np.array([record.width, record.height] * 2)
    rows = np.column_stack(((boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]))
    lines = [" ".join(map(str, (label, *row))) for label, row in zip(record.labels, rows, strict=True)]
    (folder / "labels" / split / f"{name}.txt").write_text("\n".join(lines) + "\n")


def write_splits(data: Mapping[str, DetectionData], folder: Path) -> None:
    """Images and labels of splits as YOLO txt, with their data.yaml."""
    import cv2

    for split, found in data.items():
        for kind in ("images", "labels"):
            (folder / kind / split).mkdir(parents=True)
        for record in found.records:
            if record.path is not None:
                shutil.copy(record.path, folder / "images" / split / record.path.name)
            elif record.pixels is not None:
                cv2.imwrite(str(folder / "images" / split / f"{record.name}.png"), record.pixels)
            write_labels(folder, Path(record.name).stem, record, split)
    write_yaml(folder, data["train"].classes, tuple(data))


def write_yaml(folder: Path, names: Sequence[str], splits: Sequence[str] = ("train",)) -> None:
    """The data set's data.yaml; the training images stand for validation where it has none of its own."""
    places = {"val": "images/train"} | {split: f"images/{split}" for split in splits}
    lines = [f"path: {folder}", *(f"{split}: {place}" for split, place in places.items())]
    (folder / "data.yaml").write_text("\n".join([*lines, f"names: [{', '.join(names)}]"]) + "\n")


def measure(folder: str, size: int, images: int) -> float:
    """Images per second of one process."""
    import cv2

    from yololab.config.compose import compose
    from yololab.data import YOLOSource
    from yololab.data.augment import AugmentConfig
    from yololab.data.dataset import SampleKey, TrainDataset

    cv2.setNumThreads(1)
    settings = compose(["model=yolov8", "recipe=yolov8"])["recipe"]["augment"]
    augment = AugmentConfig(**{**settings, "mosaic": 1.0, "mixup": 0.0})
    data = YOLOSource(folder).read("train")
    dataset = TrainDataset(data, image_size=size, seed=0, epochs=100, augment=augment)
    for index in range(len(dataset)):
        dataset[SampleKey(0, index)]
    began = time.perf_counter()
    for number in range(images):
        dataset[SampleKey(1 + number // len(dataset), number % len(dataset))]
    return images / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", help="Python of an environment with ultralytics")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="+", default=[320, 640])
    parser.add_argument("--images", type=int, default=1500)
    parser.add_argument("--data", help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="the smallest form, for a test")
    options = parser.parse_args()
    if options.data:
        print(json.dumps({"rate": measure(options.data, options.sizes[0], options.images)}))
        return
    count = 256
    if options.quick:
        options.sizes, options.images, options.rounds, count = [64], 20, 1, 8
    from yololab.run.provenance import machine

    print(f"{machine()['processor']}, one thread; images a second, median of {options.rounds} processes")
    with tempfile.TemporaryDirectory() as folder:
        write_data(Path(folder), count)
        for size in options.sizes:
            _compare(folder, size, options)


def _compare(folder: str, size: int, options: argparse.Namespace) -> None:
    flags = ["--data", folder, "--sizes", str(size), "--images", str(options.images)]
    peer = [options.peer, str(PEER), folder, str(size), str(options.images)] if options.peer else None
    own, peers = taking_turns(options.rounds, [sys.executable, __file__, *flags], peer)
    found = statistics.median(one["rate"] for one in own)
    print(f"{size} pixels: yololab {found:.0f} img/s")
    print_peers(found, peers, "img/s")


if __name__ == "__main__":
    main()

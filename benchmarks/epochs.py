"""Images a second of whole training epochs, from files to weights, without evaluation; a peer's on the same files.

python benchmarks/epochs.py [--peer PYTHON] [--voc ROOT] [--epochs 4] [--size 320] [--rounds 1]

YOLOv8n, batch 16, data workers as each decides. 256 made photographs; with --voc the training images of a Pascal VOC
folder, BCCD for one. The first epoch, which reads the files, is left out.
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # absent where PYTHONSAFEPATH is set

from augmentation import write_data, write_splits
from training_step import print_peers, taking_turns

PEER = Path(__file__).parent / "peers" / "ultralytics_epochs.py"


def write_voc(root: str, folder: Path) -> None:
    """The training images of a Pascal VOC folder, with labels as YOLO txt."""
    from yololab.assemble import make_parts
    from yololab.config.compose import compose

    data = make_parts(compose(["data=voc", f"data.root={root}", "model=yolov8"])).source.read("train")
    write_splits({"train": data}, folder)


def measure(folder: str, size: int, epochs: int) -> float:
    """Images per second of one process."""
    from yololab.run.openmp import wait_as_cores_allow

    wait_as_cores_allow()
    from yololab.config.compose import compose
    from yololab.run.folder import RunFolder, RunSpec
    from yololab.run.start import run

    with tempfile.TemporaryDirectory() as root:
        options = [f"data.root={folder}", f"image_size={size}", f"recipe.epochs={epochs}", f"runtime.root={root}"]
        fixed = ["data=yolo", "model=yolov8", "scale=n", "recipe=yolov8", "recipe.batch_size=16", "tracker=none"]
        quiet = ["recipe.evaluation.every=1000", "recipe.close_mosaic=0", "runtime.progress=false"]
        record = run(RunSpec(compose([*fixed, *options, *quiet]), {}, []))
        with (RunFolder(Path(root) / record.study / record.run_id).path / "metrics.csv").open() as stream:
            seconds = [float(row["seconds"]) for row in csv.DictReader(stream)]
    images = len(list((Path(folder) / "images" / "train").iterdir()))
    return images / statistics.median(seconds[1:-1] or seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", help="Python of an environment with ultralytics")
    parser.add_argument("--voc", help="root of a Pascal VOC data set")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--size", type=int, default=320)
    parser.add_argument("--data", help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="the smallest form, for a test")
    options = parser.parse_args()
    if options.data:
        print(json.dumps({"rate": measure(options.data, options.size, options.epochs)}))
        return
    count = 256
    if options.quick:
        options.size, options.epochs, options.rounds, count = 64, 2, 1, 16
    from yololab.run.provenance import machine

    with tempfile.TemporaryDirectory() as folder:
        if options.voc:
            write_voc(options.voc, Path(folder))
        else:
            write_data(Path(folder), count)
        words = [folder, str(options.size), str(options.epochs)]
        flags = ["--data", words[0], "--size", words[1], "--epochs", words[2]]
        peer = [options.peer, str(PEER), *words] if options.peer else None
        own, peers = taking_turns(options.rounds, [sys.executable, __file__, *flags], peer)
    found = statistics.median(one["rate"] for one in own)
    print(f"{machine()['processor']}, {machine()['threads']} threads; YOLOv8n, {options.size}, batch 16, whole epochs")
    print(f"yololab: {found:.1f} img/s")
    print_peers(found, peers, "img/s")


if __name__ == "__main__":
    main()

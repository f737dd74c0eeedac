"""What a peer's training reaches on a data set, by our reading of its labels and by pycocotools.

    python benchmarks/accuracy.py data=bccd data.root=ROOT --peer PYTHON [--models yolo11n,yolo26n] [--seeds 0,1,2]

The other side of a study of ours: `train.py -m model=yolo11,yolo26 recipe=yolov8 data.final=test ...` trains here, this
trains there, on the same files with the same splits, and both are judged by the same labels. One thread, no
workers, the last epoch's averaged weights.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parent))  # absent where PYTHONSAFEPATH is set

from augmentation import write_splits
from training_step import in_process

if TYPE_CHECKING:
    from yololab.data.detection_data import DetectionData

PEER = Path(__file__).parent / "peers" / "ultralytics_accuracy.py"
SPLITS = ("train", "val", "test")


def read(overrides: list[str]) -> dict[str, DetectionData]:
    """The splits of a data set by its choices, or of made scenes."""
    from yololab.assemble import make_parts
    from yololab.config.compose import compose

    words = [*overrides, "data.final=test"] if overrides else ["experiment=smoke", "data.test=4"]
    source = make_parts(compose(words)).source
    return {split: source.read(split) for split in SPLITS}


def judge(data: DetectionData, rows: list[list[Any]]) -> tuple[float, float]:
    """mAP and mAP50 in percent of rows of image name, x, y, w, h, score, label + 1."""
    import numpy as np

    from yololab.metrics.coco_eval import evaluate
    from yololab.metrics.coco_metric import ground_truth

    ids = {Path(record.name).stem: record.image_id for record in data.records}
    detections = np.array([(ids[name], *numbers) for name, *numbers in rows], dtype=np.float64).reshape(-1, 7)
    stats = evaluate(ground_truth(data.records, data.classes), detections, backend="pycocotools").stats
    return 100 * float(stats[0]), 100 * float(stats[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", help="Python of an environment with ultralytics")
    parser.add_argument("overrides", nargs="*", help="data=bccd data.root=ROOT; without any, made scenes")
    parser.add_argument("--models", default="yolo11n,yolo26n")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--size", type=int, default=320)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--quick", action="store_true", help="the smallest form, for a test")
    options = parser.parse_args()
    if options.quick:
        options.models, options.seeds, options.size, options.epochs = "yolov8n", "0", 64, 1
    data = read(options.overrides)
    with tempfile.TemporaryDirectory() as folder:
        write_splits(data, Path(folder))
        print(", ".join(f"{split} {len(found.records)} images" for split, found in data.items()), flush=True)
        if options.peer is None:
            print("no --peer: nothing trained")
            return
        for seed in options.seeds.split(","):
            for model in options.models.split(","):
                words = [folder, model, str(options.size), str(options.epochs), seed]
                found = in_process(options.peer, str(PEER), *words)
                numbers = {split: judge(data[split], found[split]) for split in ("val", "test")}
                told = "  ".join(f"{split} mAP {one:.1f} mAP50 {two:.1f}" for split, (one, two) in numbers.items())
                print(f"ultralytics {found['version']}  {model}  seed {seed}  {told}", flush=True)


if __name__ == "__main__":
    main()

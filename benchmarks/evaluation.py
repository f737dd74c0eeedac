"""hotcoco against pycocotools on the same detections: python benchmarks/evaluation.py [images]."""

from __future__ import annotations

import argparse
import time

import numpy as np

from yololab.metrics.coco_eval import evaluate
from yololab.run.provenance import machine

CLASSES, LABELS_PER_IMAGE, FOUND_PER_IMAGE = 80, 7, 90


def made_up(images: int) -> tuple[dict, np.ndarray]:
    """Labels at random, and detections around and beside them."""
    rng = np.random.default_rng(0)
    count = images * LABELS_PER_IMAGE
    boxes = np.concatenate((rng.uniform(0, 500, (count, 2)), rng.uniform(5, 140, (count, 2))), axis=1)
    owners, classes = np.repeat(np.arange(images), LABELS_PER_IMAGE), rng.integers(1, CLASSES + 1, count)
    annotations = [
        {"id": k + 1, "image_id": int(owners[k]), "category_id": int(classes[k]), "bbox": boxes[k].tolist(),
         "area": float(boxes[k, 2] * boxes[k, 3]), "iscrowd": 0}
        for k in range(count)
    ]  # fmt: skip
    truth = {
        "info": {},
        "images": [{"id": i, "width": 640, "height": 640} for i in range(images)],
        "categories": [{"id": c, "name": str(c)} for c in range(1, CLASSES + 1)],
        "annotations": annotations,
    }
    chosen = rng.integers(0, count, images * FOUND_PER_IMAGE)
    moved = boxes[chosen] + rng.normal(0, 6, (len(chosen), 4))
    rows = np.column_stack((owners[chosen], moved.clip(0.5), rng.random(len(chosen)), classes[chosen]))
    return truth, rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the smallest form, for a test")
    parser.add_argument("images", nargs="?", type=int, default=1000)
    options = parser.parse_args()
    images = 20 if options.quick else options.images
    truth, rows = made_up(images)
    seconds, stats = {}, {}
    for backend in ("hotcoco", "pycocotools"):
        started = time.perf_counter()
        stats[backend] = evaluate(truth, rows, backend=backend).stats
        seconds[backend] = time.perf_counter() - started
    difference = np.abs(stats["hotcoco"] - stats["pycocotools"]).max()
    print(f"{images} images, {len(rows)} detections; {machine()['processor']}")
    print(f"hotcoco {seconds['hotcoco']:.2f} s, pycocotools {seconds['pycocotools']:.2f} s: "
          f"{seconds['pycocotools'] / seconds['hotcoco']:.0f} times faster")  # fmt: skip
    print(f"largest difference of the 12 numbers: {difference:.1e}")


if __name__ == "__main__":
    main()

"""Seconds of the bootstrap over images: python benchmarks/image_bootstrap.py [--quick].

A pair of COCO-sized runs (5,000 images, 80 classes, 470,000 detections) with 1,000 replicates in all area ranges, and
100 rows x 10 seeds on 500 images with 100 replicates of mAP. `--quick` does a hundredth of it.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from yololab.statistics.bootstrap import image_weights, paired_bootstrap
from yololab.statistics.contrasts import differences_to
from yololab.statistics.matcher import match_detections
from yololab.statistics.matches import Matches
from yololab.statistics.nested import estimate_nested, replicate_study

CLASSES, LABELS_PER_IMAGE, FOUND_PER_IMAGE = 80, 7, 94


def made_up_run(images: int, seed: int) -> Matches:
    """Labels at random (the same for every seed), each found about twice, and as many detections beside them."""
    rng = np.random.default_rng(0)
    count = images * LABELS_PER_IMAGE
    boxes = np.concatenate((rng.uniform(0, 500, (count, 2)), rng.uniform(5, 140, (count, 2))), axis=1)
    owners, classes = np.repeat(np.arange(images), LABELS_PER_IMAGE), rng.integers(1, CLASSES + 1, count)
    truth = {
        "images": [{"id": image} for image in range(images)],
        "categories": [{"id": category} for category in range(1, CLASSES + 1)],
        "annotations": [
            {"image_id": int(owner), "category_id": int(category), "bbox": box.tolist(), "area": float(box[2] * box[3])}
            for owner, category, box in zip(owners, classes, boxes, strict=True)
        ],
    }
    rng = np.random.default_rng(seed)
    near, far = 2 * count, images * FOUND_PER_IMAGE - 2 * count
    chosen = np.concatenate([np.repeat(np.arange(count), 2), rng.integers(0, count, far)])
    moved = boxes[chosen] + rng.normal(0, np.repeat([4.0, 60.0], [near, far])[:, None], (near + far, 4))
    scores = np.concatenate([rng.beta(4, 2, near), rng.beta(1, 6, far)])
    return match_detections(truth, np.column_stack((owners[chosen], moved.clip(0.5), scores, classes[chosen])))


def main() -> None:
    """Print the seconds."""
    part = 100 if "--quick" in sys.argv[1:] else 1
    started = time.perf_counter()
    run, baseline = (made_up_run(5000 // part, seed) for seed in (1, 2))
    made = time.perf_counter()
    replicates = max(2, 1000 // part)
    paired_bootstrap(run, baseline, replicates)
    print(f"pair: {len(run.image)} detections; matched in {(made - started) / 2:.1f} s a run (with making them up)")
    print(f"pair: {replicates} replicates, all areas and classes: {time.perf_counter() - made:.1f} s")

    rows, seeds, count = max(2, 100 // part), 10, max(2, 100 // part)
    matches = [made_up_run(max(20, 500 // part), seed) for seed in range(4)]
    started = time.perf_counter()
    weights = image_weights(matches[0].num_images, count, np.random.default_rng(0))
    study = {f"r{row}": {seed: matches[(row * seeds + seed) % 4] for seed in range(seeds)} for row in range(rows)}
    runs = replicate_study(study, weights)
    drawn = time.perf_counter()
    estimate_nested(runs, differences_to(list(runs), "r0"), matches[0].num_images)
    print(
        f"study: {rows * seeds} runs of {len(matches[0].image)} detections, {count} replicates: {drawn - started:.1f} s"
    )
    print(f"study: intervals of all rows over seeds and images: {time.perf_counter() - drawn:.1f} s")


if __name__ == "__main__":
    main()

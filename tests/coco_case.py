"""A small COCO data set with crowds, ties, all sizes, images and classes without anything, and detections on it."""

import contextlib
import io

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def coco_case(seed=0, num_images=40, num_classes=5, shift=4.0):
    """Ground truth (COCO dictionary) and detections (n, 7)."""
    rng = np.random.default_rng(seed)
    annotations, detections = [], []
    for image in range(3, num_images):  # three images are empty
        for _ in range(int(rng.integers(0, 6))):
            x, y = rng.uniform(0, 400, 2)
            width, height = np.exp(rng.normal(3.8, 1.0, 2))
            category = int(rng.integers(1, num_classes))  # the last class has no ground truth
            crowd = int(rng.random() < 0.05)
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image,
                    "category_id": category,
                    "bbox": [x, y, width, height],
                    "area": width * height * rng.uniform(0.7, 1),
                    "iscrowd": crowd,
                }
            )
            for _ in range(int(rng.integers(0, 4))):
                box = [x + rng.normal(0, shift), y + rng.normal(0, shift), width, height * rng.uniform(0.8, 1.2)]
                detections.append([image, *box, round(float(rng.beta(3, 2)), 1), category])  # rounded: many ties
    for _ in range(8 * num_images):
        box = [*rng.uniform(0, 400, 2), *np.exp(rng.normal(3.8, 1.0, 2))]
        image, category = rng.integers(0, num_images), rng.integers(1, num_classes + 1)
        detections.append([image, *box, round(float(rng.beta(1, 3)), 2), category])
    for _ in range(130):  # more than 100 of one class on one image
        detections.append([5, *rng.uniform(0, 400, 2), 30.0, 30.0, float(rng.random()), 1])
    truth = {
        "images": [{"id": image, "width": 640, "height": 640} for image in range(num_images)],
        "annotations": annotations,
        "categories": [{"id": category, "name": str(category)} for category in range(1, num_classes + 1)],
    }
    return truth, np.array(detections)


def evaluated(truth, detections):
    """pycocotools' evaluator after evaluate() and accumulate()."""
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = truth
        coco.createIndex()
        evaluator = COCOeval(coco, coco.loadRes(detections), "bbox")
        evaluator.evaluate()
        evaluator.accumulate()
        evaluator.summarize()
    return evaluator

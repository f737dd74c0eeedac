"""ultralytics' training images with mosaic from memory, for augmentation.py; runs in the peer's own environment.

python ultralytics_augmentation.py FOLDER SIZE IMAGES
"""

from __future__ import annotations

import json
import sys
import time

import cv2
import ultralytics
from ultralytics.cfg import get_cfg
from ultralytics.data.build import build_yolo_dataset
from ultralytics.data.utils import check_det_dataset


def measure(folder: str, size: int, images: int) -> float:
    """Images per second of one process."""
    cv2.setNumThreads(1)
    options = get_cfg(overrides={"imgsz": size, "cache": "ram", "mosaic": 1.0, "task": "detect"})
    data = check_det_dataset(f"{folder}/data.yaml")
    dataset = build_yolo_dataset(options, data["train"], 16, data, mode="train")
    for index in range(len(dataset)):
        dataset[index]
    began = time.perf_counter()
    for number in range(images):
        dataset[number % len(dataset)]
    return images / (time.perf_counter() - began)


if __name__ == "__main__":
    folder, *numbers = sys.argv[1:]
    rate = measure(folder, *(int(number) for number in numbers))
    print(json.dumps({"as it comes": rate, "version": ultralytics.__version__}))

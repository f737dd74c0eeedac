"""ultralytics' training epochs on a folder of files, for epochs.py; runs in the peer's own environment.

python ultralytics_epochs.py FOLDER SIZE EPOCHS
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import ultralytics
from ultralytics.models.yolo.detect import DetectionTrainer


def measure(folder: str, size: int, epochs: int) -> float:
    """Images per second of one process, the first epoch left out."""
    seconds: list[float] = []
    began = 0.0

    def start(_: object) -> None:
        nonlocal began
        began = time.perf_counter()

    def stop(_: object) -> None:
        seconds.append(time.perf_counter() - began)

    with tempfile.TemporaryDirectory() as project:
        options = {"imgsz": size, "batch": 16, "device": "cpu", "cache": "ram", "optimizer": "SGD", "close_mosaic": 0}
        quiet = {"val": False, "plots": False, "save": False, "verbose": False, "project": project}
        where = {"model": "yolov8n.yaml", "data": f"{folder}/data.yaml", "epochs": epochs, "workers": 2}
        trainer = DetectionTrainer(overrides={**where, **options, **quiet})
        trainer.add_callback("on_train_epoch_start", start)
        trainer.add_callback("on_train_epoch_end", stop)
        trainer.train()
    images = len(list((Path(folder) / "images" / "train").iterdir()))
    return images / statistics.median(seconds[1:-1] or seconds)


if __name__ == "__main__":
    folder, *numbers = sys.argv[1:]
    rate = measure(folder, *(int(number) for number in numbers))
    print(json.dumps({"as it comes": rate, "version": ultralytics.__version__}))

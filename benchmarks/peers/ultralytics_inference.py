"""ultralytics' fused YOLOv8n on random images, for inference.py; runs in the peer's own environment.

python ultralytics_inference.py SIZE BATCH CALLS
"""

from __future__ import annotations

import json
import statistics
import sys
import time

import torch
import ultralytics
from ultralytics.nn.tasks import DetectionModel


@torch.inference_mode()
def measure(size: int, batch: int, calls: int, channels_last: bool) -> float:
    """Median milliseconds."""
    model = DetectionModel("yolov8n.yaml", nc=80, verbose=False).eval().fuse(verbose=False)
    images, times = torch.rand(batch, 3, size, size), []
    if channels_last:
        model, images = (
            model.to(memory_format=torch.channels_last),
            images.to(memory_format=torch.channels_last),
        )
    for _ in range(calls + 3):
        started = time.perf_counter()
        model(images)
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times[3:])


if __name__ == "__main__":
    words = [int(word) for word in sys.argv[1:]]
    found = {name: measure(*words, last) for name, last in (("as it comes", False), ("channels last", True))}
    print(json.dumps({**found, "version": ultralytics.__version__}))

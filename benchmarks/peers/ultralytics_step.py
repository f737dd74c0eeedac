"""A training step of ultralytics on random images, for training_step.py; runs in the peer's own environment.

python ultralytics_step.py SIZE BATCH STEPS
"""

from __future__ import annotations

import json
import resource
import sys
import time
from types import SimpleNamespace

import torch
import ultralytics
from ultralytics.nn.tasks import DetectionModel
from ultralytics.utils.torch_utils import ModelEMA

BOXES = 4
"""Objects of an image"""


def measure(size: int, batch: int, steps: int, channels_last: bool) -> float:
    """Images per second: forward, loss, backward, clip, SGD, average."""
    torch.manual_seed(0)
    model = DetectionModel("yolov8n.yaml", nc=3, verbose=False).train()
    model.args = SimpleNamespace(box=7.5, cls=0.5, dfl=1.5, epochs=100)
    images = torch.rand(batch, 3, size, size)
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    owner = torch.arange(batch).repeat_interleave(BOXES).float()
    boxes = torch.rand(batch * BOXES, 4) * 0.3 + 0.2
    data = {"img": images, "batch_idx": owner, "cls": torch.randint(0, 3, (batch * BOXES, 1)).float(), "bboxes": boxes}
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9, nesterov=True)
    average, began = ModelEMA(model), 0.0
    for step in range(steps + 2):
        if step == 2:
            began = time.perf_counter()
        loss, _ = model(data)
        loss.sum().backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
        optimizer.step()
        optimizer.zero_grad()
        average.update(model)
    return batch * steps / (time.perf_counter() - began)


if __name__ == "__main__":
    size, batch, steps = (int(word) for word in sys.argv[1:])
    rates = {
        name: measure(size, batch, steps, last) for name, last in (("as it comes", False), ("channels last", True))
    }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({**rates, "peak_gib": peak, "version": ultralytics.__version__}))

"""Where the time of a training step goes, as shares of the whole: python benchmarks/training_step.py [overrides]."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from yololab.config.schema import compose
from yololab.run.provenance import machine
from yololab.training.module import normalised
from yololab.run.prepare import make_loaders, make_module, prepare

DEFAULT = ["model=yolov8", "scale=n", "image_size=320", "data.train=64", "data.val=4"]
STEPS = 8


def main() -> None:
    root = tempfile.mkdtemp()
    prepared = prepare(compose([*(sys.argv[1:] or DEFAULT), f"runtime.root={root}"]), {})
    module, (loader, _) = make_module(prepared), make_loaders(prepared)
    optimizer = module.configure_optimizers()
    times: dict[str, float] = defaultdict(float)

    @contextmanager
    def timed(name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        times[name] += time.perf_counter() - started

    batches = iter(loader)
    warm_up = 2
    for step in range(STEPS):
        if step == warm_up:
            times.clear()
        with timed("data"):
            batch = next(batches, None) or next(batches := iter(loader))
        with timed("forward"):
            maps = module.detector(normalised(batch.images))
        with timed("decode, assign, loss"):
            branches = {name: module.detector.head.decode(value, name) for name, value in maps.items()}
            total = module.loss(branches, batch.targets).total
        with timed("backward"):
            total.backward()
        with timed("clip, optimizer"):
            torch.nn.utils.clip_grad_norm_(module.detector.parameters(), 10.0)
            optimizer.step()
            optimizer.zero_grad()
        with timed("moving average"):
            module.ema.update(module.detector)
    whole = sum(times.values())
    size = prepared.complexity.image_size
    work = 3 * prepared.complexity.gflops_train * len(batch.indices) * (STEPS - warm_up)
    print(f"{prepared.detector.graph.name} at {size}, batch {len(batch.indices)}; {machine()['processor']}, "
          f"{torch.get_num_threads()} threads")  # fmt: skip
    for name, seconds in times.items():
        print(f"{name:22s} {100 * seconds / whole:5.1f} %")
    print(f"{work / whole:.0f} GFLOP/s over the whole step (3 x forward's count)")


if __name__ == "__main__":
    main()

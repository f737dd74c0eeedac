"""Where the time of a training step goes, as shares of the whole: python benchmarks/training_step.py [overrides]."""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from yololab.config.compose import compose
from yololab.data.batch import normalised
from yololab.run.folder import RunSpec
from yololab.run.prepare import make_module, make_train_loader, prepare
from yololab.run.provenance import machine

DEFAULT = ["model=yolov8", "scale=n", "image_size=320", "data.train=64", "data.val=4"]
QUICK = ["experiment=smoke"]
STEPS = 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the smallest form, for a test")
    parser.add_argument("overrides", nargs="*", help=" ".join(DEFAULT))
    options = parser.parse_args()
    chosen = options.overrides or (QUICK if options.quick else DEFAULT)
    prepared = prepare(RunSpec(compose([*chosen, f"runtime.root={tempfile.mkdtemp()}"]), {}, []))
    module, loader = make_module(prepared), make_train_loader(prepared)
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
            if module.ema is not None:
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

"""Milliseconds of a detector in deploy form, decoding included, and of a peer's fused one, taking turns.

python benchmarks/inference.py [--peer PYTHON] [--rounds 3] [--size 640] [--batch 1]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # absent where PYTHONSAFEPATH is set

from training_step import print_peers, taking_turns

PEER = Path(__file__).parent / "peers" / "ultralytics_inference.py"


def measure(size: int, batch: int, calls: int) -> float:
    """Median milliseconds of one process."""
    from yololab.run.openmp import SPINS_OF_INFERENCE, wait_briefly

    wait_briefly(SPINS_OF_INFERENCE)
    import torch

    import yololab
    from yololab.inference.backend import TorchBackend

    network = yololab.build(["model=yolov8", "scale=n", "num_classes=80"]).deploy()
    backend, images, times = TorchBackend(network, torch.device("cpu")), torch.rand(batch, 3, size, size), []
    for _ in range(calls + 3):
        started = time.perf_counter()
        backend.raw(images)
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times[3:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", help="Python of an environment with ultralytics")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=640)
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--calls", type=int, default=30)
    parser.add_argument("--once", action="store_true", help="one process's number as JSON")
    parser.add_argument("--quick", action="store_true", help="the smallest form, for a test")
    options = parser.parse_args()
    if options.quick:
        options.size, options.calls, options.rounds = 64, 2, 1
    if options.once:
        print(json.dumps({"ms": measure(options.size, options.batch, options.calls)}))
        return
    words = [str(options.size), str(options.batch), str(options.calls)]
    flags = ["--once", "--size", words[0], "--batch", words[1], "--calls", words[2]]
    peer = [options.peer, str(PEER), *words] if options.peer else None
    own, peers = taking_turns(options.rounds, [sys.executable, __file__, *flags], peer)
    from yololab.run.provenance import machine

    found = statistics.median(one["ms"] for one in own)
    print(f"{machine()['processor']}, {machine()['threads']} threads; YOLOv8n, {options.size}, batch {options.batch}")
    print(f"yololab: {found:.1f} ms")
    print_peers(found, peers, "ms")


if __name__ == "__main__":
    main()

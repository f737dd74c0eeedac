"""How fast a training step is, where its time goes, and what a peer makes of the same work.

    python benchmarks/training_step.py [--peer PYTHON] [--rounds 3] [--precision bf16-mixed] [overrides]

Loss, gradients, optimizer, average and the watch over them are in; data are not. Floating-point operations are three
times the forward pass's, by torch's counter. The processor's own limits, its matrix product and its copy, stand beside.
`--peer` names the Python of an environment with ultralytics (benchmarks/peers/requirements.txt); both then take turns,
round by round, each in a process of its own, with equal images, batch, threads and classes.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
DEFAULT = ["model=yolov8", "scale=n", "image_size=320", "data.train=32", "data.val=4", "recipe.batch_size=16"]
QUICK = ["experiment=smoke", "recipe.batch_size=8"]
WARM_UP = 2


def measure(overrides: list[str], steps: int, precision: str) -> dict[str, object]:
    """One process's numbers."""
    from yololab.run.openmp import wait_as_cores_allow

    wait_as_cores_allow()
    import torch

    from yololab.config.compose import compose
    from yololab.data.batch import normalised
    from yololab.run.folder import RunSpec
    from yololab.run.prepare import make_module, make_train_loader, prepare

    root = tempfile.mkdtemp()
    prepared = prepare(RunSpec(compose([*overrides, f"runtime.root={root}", "tracker=none"]), {}, []))
    module, batches = make_module(prepared), list(make_train_loader(prepared))
    detector, optimizer = module.detector.train(), module.configure_optimizers()
    cast = {"bf16-mixed": torch.bfloat16}.get(precision)
    times = dict.fromkeys(PARTS, 0.0)
    for index in range(WARM_UP + steps):
        if index == WARM_UP:
            times = dict.fromkeys(PARTS, 0.0)
        batch, marks = batches[index % len(batches)], [time.perf_counter()]
        with torch.autocast("cpu", cast or torch.bfloat16, enabled=cast is not None):
            maps = detector(normalised(batch.images))
            marks.append(time.perf_counter())
            branches = {name: detector.head.decode(value, name) for name, value in maps.items()}
            total = module.loss(branches, batch.targets).total
        marks.append(time.perf_counter())
        total.backward()
        marks.append(time.perf_counter())
        module._watch.gradients()
        torch.nn.utils.clip_grad_norm_(detector.parameters(), 10.0)
        optimizer.step()
        optimizer.zero_grad()
        marks.append(time.perf_counter())
        if module.ema is not None:
            module.ema.update(detector)
        module._watch.state()
        marks.append(time.perf_counter())
        for name, start, end in zip(PARTS, marks, marks[1:], strict=False):
            times[name] += end - start
    images = len(batches[0].indices)
    return {
        "parts": {name: times[name] / steps for name in PARTS},
        "images_per_second": images * steps / sum(times.values()),
        "gflop": 3 * prepared.complexity.gflops_train * images,
        "threads": torch.get_num_threads(),
        "size": prepared.complexity.image_size,
        "images": images,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


PARTS = ("forward", "decode, assign, loss", "backward", "clip, optimizer", "average, watch")


def limits() -> tuple[float, float]:
    """GFLOP/s of a large matrix product in float32, and GB/s of a copy."""
    import torch

    a = torch.randn(1024, 1024)
    product = min(_seconds(lambda: a @ a) for _ in range(8))
    source = torch.empty(2**25)
    copy = min(_seconds(source.clone) for _ in range(5))
    return 2 * 1024**3 / product / 1e9, 2 * source.numel() * 4 / copy / 1e9


def _seconds(work) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def in_process(python: str, *words: str, environment: dict[str, str] | None = None) -> dict:
    """The last line of what a process prints, as JSON."""
    done = subprocess.run([python, *words], capture_output=True, text=True, check=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def taking_turns(rounds: int, own: list[str], peer: list[str] | None) -> tuple[list[dict], list[dict]]:
    """What processes of ours and of a peer print, each a Python and its words, round by round."""
    found: tuple[list[dict], list[dict]] = ([], [])
    for _ in range(rounds):
        found[0].append(in_process(*own))
        if peer:
            found[1].append(in_process(*peer))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="the smallest form, for a test")
    parser.add_argument("--peer", help="Python of an environment with ultralytics")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--precision", default="32-true", choices=("32-true", "bf16-mixed"))
    parser.add_argument("--once", action="store_true", help="one process's numbers as JSON")
    parser.add_argument("overrides", nargs="*", help=" ".join(DEFAULT))
    options = parser.parse_args()
    overrides = options.overrides or (QUICK if options.quick else DEFAULT)
    if options.once:
        print(json.dumps(measure(overrides, options.steps, options.precision)))
        return
    rounds, steps = (1, 2) if options.quick else (options.rounds, options.steps)
    own, peers = [], []
    words = [__file__, "--once", "--steps", str(steps), "--precision", options.precision, *overrides]
    for _ in range(rounds):
        own.append(in_process(sys.executable, *words))
        if options.peer:
            size, images = str(own[0]["size"]), str(own[0]["images"])
            peers.append(
                in_process(options.peer, str(HERE / "peers" / "ultralytics_step.py"), size, images, str(steps))
            )
    report(own, peers)


def report(own: list[dict], peers: list[dict]) -> None:
    from yololab.run.provenance import machine

    rate = statistics.median(one["images_per_second"] for one in own)
    first, (product, copy) = own[0], limits()
    print(f"{machine()['processor']}, {first['threads']} threads; {first['size']} pixels, batch {first['images']}")
    whole = sum(first["parts"].values())
    for name in PARTS:
        print(f"{name:22s} {100 * statistics.median(one['parts'][name] for one in own) / whole:5.1f} %")
    reached = first["gflop"] * rate / first["images"]
    print(f"{rate:.1f} img/s, {reached:.0f} GFLOP/s (a matrix product reaches {product:.0f}); copies {copy:.0f} GB/s")
    print_peers(rate, peers, "img/s")
    peaks = [
        f"{name} {found[0]['peak_gib']:.2f} GiB" for name, found in (("yololab", own), ("ultralytics", peers)) if found
    ]
    print(f"peak memory of the process: {', '.join(peaks)}")


def print_peers(own: float, peers: list[dict], unit: str) -> None:
    """A line for each form of the peer, with the ratio of our number to its."""
    for name in ("as it comes", "channels last") if peers else ():
        if name not in peers[0]:
            continue
        peer = statistics.median(one[name] for one in peers)
        print(f"ultralytics {peers[0]['version']}, {name}: {peer:.1f} {unit}; ratio {own / peer:.2f}")


if __name__ == "__main__":
    main()

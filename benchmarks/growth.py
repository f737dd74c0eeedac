"""How cost grows: a step with size, batch and boxes; an epoch with images in the set; a data set's fingerprint.

    python benchmarks/growth.py [--files 118000]

YOLOv8 p, each measurement in a process of its own. Where cost is linear, the last column stays what it is.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # absent where PYTHONSAFEPATH is set

from augmentation import write_data
from training_step import in_process

STEP = str(Path(__file__).parent / "training_step.py")
FIXED = ["model=yolov8", "scale=p", "data.val=4"]
FULL = {
    "size": [160, 320, 640],
    "batch": [4, 8, 16, 32],
    "boxes": [5, 20, 80, 240],
    "set": [64, 256, 1024],
}
QUICK = {"size": [64], "batch": [2], "boxes": [2], "set": [8]}


def step(size: int, batch: int, boxes: int) -> float:
    """Seconds of one step."""
    data = [f"data.train={2 * batch}", f"data.max_objects={boxes}", f"data.size={size}"]
    if boxes > 5:  # smaller, so that many find room
        data.append("data.object_scale=[0.05,0.1]")
    words = [*FIXED, *data, f"image_size={size}", f"recipe.batch_size={batch}", "recipe.augment.mosaic=0"]
    return sum(in_process(sys.executable, STEP, "--once", "--steps", "4", *words)["parts"].values())


def steps(growth: dict[str, list[int]]) -> None:
    """A line for every size, batch and number of boxes, the others at their middle."""
    size, batch = growth["size"][len(growth["size"]) // 2], growth["batch"][len(growth["batch"]) // 2]
    for pixels in growth["size"]:
        found = step(pixels, batch, 5)
        print(f"{pixels} pixels, batch {batch}: {found:.3f} s a step, {1e9 * found / batch / pixels**2:.0f} ns a pixel")
    for images in growth["batch"]:
        found = step(size, images, 5)
        print(f"batch {images}, {size} pixels: {found:.3f} s a step, {1e3 * found / images:.1f} ms an image")
    for boxes in growth["boxes"]:
        found = step(size, batch, boxes)
        print(f"up to {boxes} boxes an image: {found:.3f} s a step, {1e3 * found / batch:.1f} ms an image")


def epoch(images: int, epochs: int) -> float:
    """Seconds of the last epoch."""
    from yololab.config.compose import compose
    from yololab.run.folder import RunSpec
    from yololab.run.start import run

    with tempfile.TemporaryDirectory() as root:
        words = [
            *FIXED,
            "image_size=160",
            f"data.train={images}",
            f"recipe.epochs={epochs}",
            "recipe=tiny",
            "tracker=none",
        ]
        record = run(RunSpec(compose([*words, f"runtime.root={root}", "runtime.progress=false"]), {}, []))
    return float(record.curve[-1]["seconds"])


def fingerprint(files: int) -> tuple[float, float]:
    """Seconds of the first reading of a folder of so many images with labels, and of the second, from memory."""
    from yololab.data import YOLOSource

    with tempfile.TemporaryDirectory() as place:
        os.environ["YOLOLAB_CACHE"], folder = f"{place}/cache", Path(place) / "data"
        write_data(folder, 16)
        for kind, suffix in (("images", ".jpg"), ("labels", ".txt")):
            sources = sorted((folder / kind / "train").iterdir())
            contents = [path.read_bytes() for path in sources]
            for number in range(files - len(sources)):
                (folder / kind / "train" / f"n{number}{suffix}").write_bytes(contents[number % len(contents)])
        found = []
        for _ in range(2):
            began = time.perf_counter()
            assert YOLOSource(str(folder)).read("train").fingerprint()
            found.append(time.perf_counter() - began)
    return found[0], found[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=118_000)
    parser.add_argument("--quick", action="store_true", help="the smallest form, for a test")
    options = parser.parse_args()
    growth, files = (QUICK, [32]) if options.quick else (FULL, [options.files // 10, options.files])
    steps(growth)
    for images in growth["set"]:
        seconds = epoch(images, 1 if options.quick else 3)
        print(f"{images} images in the set: {seconds:.2f} s an epoch, {1e3 * seconds / images:.1f} ms an image")
    for count in files:
        first, again = fingerprint(count)
        print(f"{count} image files: read and hashed in {first:.1f} s ({1e3 * first / count:.2f} ms a file), "
              f"known again in {again:.1f} s ({1e3 * again / count:.3f} ms a file)")  # fmt: skip


if __name__ == "__main__":
    main()

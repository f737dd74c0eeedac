"""What ultralytics finds after training on a folder of files, for accuracy.py; runs in the peer's own environment.

python ultralytics_accuracy.py FOLDER MODEL SIZE EPOCHS SEED
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import torch
import ultralytics
from ultralytics import YOLO


def main(folder: str, name: str, size: int, epochs: int, seed: int) -> dict[str, object]:
    """Rows of image name, x, y, w, h, score, label, by split, of the last epoch's averaged weights."""
    torch.set_num_threads(1)
    found: dict[str, object] = {"version": ultralytics.__version__}
    with tempfile.TemporaryDirectory() as project:
        settings = {"data": f"{folder}/data.yaml", "imgsz": size, "batch": 16, "device": "cpu", "workers": 0}
        quiet = {"plots": False, "verbose": False, "project": project, "exist_ok": True}
        model = YOLO(f"{name}.yaml")
        model.train(**settings, **quiet, name="train", epochs=epochs, seed=seed, pretrained=False, cache="ram")
        last = Path(project) / "train" / "weights" / "last.pt"
        for split in ("val", "test"):
            again = {**settings, "batch": 32, "split": split, "save_json": True, "name": split}
            YOLO(last).val(**again, **quiet)
            rows = json.loads((Path(project) / split / "predictions.json").read_text())
            found[split] = [
                (Path(row["file_name"]).stem, *row["bbox"], row["score"], row["category_id"]) for row in rows
            ]
    return found


if __name__ == "__main__":
    folder, name, *numbers = sys.argv[1:]
    print(json.dumps(main(folder, name, *(int(number) for number in numbers))))

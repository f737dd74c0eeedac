"""Fuzzing of the three readers: files of a small sound data set are changed at random, and whatever comes of it must be
a data set that can be trained on or an error of ours.

`PYTHONPATH=tests python -m fuzz.readers SECONDS [SEED]` goes on for so long and writes what breaks a reader to
tests/fuzz/corpus, which the test suite plays back.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from data.case import CLASSES, voc_object, write_coco, write_voc, write_yolo
from yololab.data import COCOSource, VOCSource, YOLOSource
from yololab.data.dataset import EvalDataset
from yololab.data.detection_data import DetectionData
from yololab.data.source import DataSource
from yololab.data.splits import read_splits
from yololab.errors import YololabError
from yololab.metrics.coco_metric import ground_truth

CORPUS = Path(__file__).parent / "corpus"
INTERESTING: list[Any] = [
    *(None, True, False, 0, -1, 1, 2, 1.5, 1e19, 1e308, float("nan"), float("inf"), 2**53, 2**63, 10**400),
    *("", "0", "1", "nan", "a.jpg", "../a.jpg", "/etc/passwd", "\ud800", "\0", "\ufeff", "x" * 300, [], {}, [[]], [{}]),
    *([1, 2], [0, 0, 5, 5, 0, 5], [[0, 0, 5, 5, 0, 5]], {"size": [30, 40], "counts": [1200]}, [10**6, 10**6], "PPYo1"),
]
TOKENS = (
    *(
        b"\xff",
        b"\0",
        b"\n",
        b"\r",
        b"\xef\xbb\xbf",
        b"nan",
        b"inf",
        b"1e19",
        b"-1",
        b"0x1",
        b"1_0",
        b'"',
        b"'",
        b"[",
        b"]",
    ),
    *(b"{", b"}", b":", b"- ", b"&a ", b"*a", b"!!python/name:os.system", b"<object>", b"</object>", b"<!--", b"&lt;"),
    *(
        b"<!DOCTYPE a [<!ENTITY x 'y'>]>",
        b'<?xml version="1.0" encoding="utf-16"?>',
        b"999999999999",
        b"0.5",
        b" ",
        b"#",
    ),
)


def make(kind: str, root: Path) -> Path:
    """A sound data set; the folder's files but for its images are what is changed."""
    rows = "0 0.5 0.5 0.5 0.2\n1 0.3 0.3 0.2 0.2\n0 0.1 0.1 0.5 0.1 0.5 0.6\n"
    if kind == "yolo":
        return write_yolo(root, {"a": rows, "b": rows})
    if kind == "voc":
        objects = voc_object("dog", (5, 6, 20, 16)) + voc_object("cat", (1, 1, 9, 9), 1)
        return write_voc(root, {"a": objects, "b": objects})
    masks: list[Any] = [[[5, 6, 20, 6, 20, 16]], {"size": [30, 40], "counts": [0, 30, 1170]}]
    annotations = [
        {"id": i, "image_id": 1 + i % 2, "category_id": 7 + 2 * (i % 2), "bbox": [1 + i, 2, 9, 9], "iscrowd": i // 3}
        | {"area": 50.5, "segmentation": masks[i // 2]}
        for i in range(4)
    ]
    return write_coco(root, [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "b.jpg"}], annotations)


def source_of(kind: str, root: Path, on_error: str) -> DataSource:
    """Its reader."""
    if kind == "yolo":
        return YOLOSource(str(root), on_error=on_error)
    if kind == "voc":
        return VOCSource(str(root), CLASSES, on_error=on_error)
    return COCOSource(str(root), ("annotations.json", "images"), ("annotations.json", "images"), on_error=on_error)


def files_of(root: Path) -> list[Path]:
    """Everything that is read, images as well."""
    return sorted(path for path in root.rglob("*") if path.is_file())


def mutated(raw: bytes, is_json: bool, rng: random.Random) -> bytes:
    """Other bytes."""
    if is_json and rng.random() < 0.8:
        return json.dumps(_changed(json.loads(raw), rng)).encode("utf-8", "surrogatepass")
    changed = bytearray(raw)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        place = rng.randrange(len(changed) + 1)
        way = rng.randrange(5)
        if way == 0:
            changed[place:place] = rng.choice(TOKENS)
        elif way == 1:
            del changed[place : place + rng.choice((1, 2, 8, 50))]
        elif way == 2 and changed:
            changed[place % len(changed)] = rng.randrange(256)
        elif way == 3:
            start = rng.randrange(len(changed) + 1)
            changed[place:place] = changed[start : start + rng.choice((4, 20, 100))]
        else:
            changed[place : place + rng.choice((1, 3))] = rng.choice(TOKENS)
    return bytes(changed)


def _changed(content: Any, rng: random.Random) -> Any:
    """One thing in a JSON value is another one, missing, or there twice."""
    places: list[tuple[Any, Any]] = []
    waiting = [content]
    while waiting:
        node = waiting.pop()
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], dict | list):
                waiting.append(node[key])
    for _ in range(rng.choice((1, 1, 2, 3))):
        node, key = rng.choice(places)
        if (isinstance(node, list) and key >= len(node)) or (isinstance(node, dict) and key not in node):
            continue
        way = rng.random()
        if way < 0.7:
            node[key] = rng.choice(INTERESTING)
        elif way < 0.85:
            del node[key]
        elif isinstance(node, list):
            node.append(node[key])
    return content


def check(kind: str, root: Path) -> str:
    """Read all of it; the class of our error, or "read". Raises whatever else happens."""
    outcome = {"drop": "read", "refuse": "read"}
    for on_error in outcome:
        try:
            source = source_of(kind, root, on_error)
            splits = read_splits(source, None)
            assert splits.fingerprint
            for data in splits.by_name.values():
                _check_records(data)
        except YololabError as error:
            str(error).encode()
            outcome[on_error] = type(error).__name__
    return outcome["drop"]


def _check_records(data: DetectionData) -> None:
    data.problems.to_json().encode()
    for record in data.records:
        boxes = record.boxes_xyxy
        assert np.isfinite(boxes).all()
        assert np.isfinite(record.areas).all()
        assert (record.areas > 0).all()
        assert (boxes >= 0).all()
        assert (boxes[:, 2:] > boxes[:, :2]).all()
        assert (boxes[:, [0, 2]] <= record.width).all()
        assert (boxes[:, [1, 3]] <= record.height).all()
        assert ((record.labels >= 0) & (record.labels < len(data.classes))).all()
        assert type(record.image_id) is int
    assert len({record.image_id for record in data.records}) == len(data.records)
    with_masks = all(record.masks is not None or not len(record) for record in data.records)
    dataset = EvalDataset(data, image_size=64, with_masks=with_masks)
    for index in range(len(dataset)):
        item = dataset[index]
        assert item.instance_map is None or item.instance_map.max(initial=0) <= len(item.labels)
    truth = ground_truth(data.records, data.classes, with_masks)
    json.dumps([{k: v for k, v in a.items() if k != "segmentation"} for a in truth["annotations"]], allow_nan=False)


def keep(kind: str, root: Path, original: Path) -> Path:
    """Write the files that were changed to the corpus."""
    files = {
        str(path.relative_to(root)): base64.b64encode(path.read_bytes()).decode()
        for path in files_of(root)
        if not (original / path.relative_to(root)).is_file()
        or (original / path.relative_to(root)).read_bytes() != path.read_bytes()
    }
    text = json.dumps({"kind": kind, "files": files}, indent=1, sort_keys=True) + "\n"
    path = CORPUS / f"{kind}_{hashlib.sha256(text.encode()).hexdigest()[:10]}.json"
    path.write_text(text)
    return path


def replay(path: Path, root: Path) -> str:
    """Play back a file of the corpus in an empty folder."""
    content = json.loads(path.read_text())
    make(content["kind"], root)
    for name, raw in content["files"].items():
        (root / name).write_bytes(base64.b64decode(raw))
    return check(content["kind"], root)


def fuzz(seconds: float, seed: int, found: Callable[[Path], None]) -> Counter[str]:
    """Go on for so long; how often what came of it. `found` is told the corpus file of what broke a reader."""
    rng, outcomes = random.Random(seed), Counter[str]()
    ends = time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as name:
        base = Path(name)
        for kind in ("yolo", "voc", "coco"):
            make(kind, base / "sound" / kind)
        while time.monotonic() < ends:
            kind = rng.choice(("yolo", "voc", "coco", "coco"))
            original, root = base / "sound" / kind, base / "tried"
            shutil.rmtree(root, ignore_errors=True)
            shutil.copytree(original, root)
            files = files_of(root)
            texts = [path for path in files if path.suffix != ".jpg"]
            chosen = files if rng.random() < 0.15 else texts
            for path in rng.sample(chosen, min(len(chosen), rng.choice((1, 1, 2)))):
                path.write_bytes(mutated(path.read_bytes(), path.suffix == ".json", rng))
            try:
                outcomes[f"{kind}: {check(kind, root)}"] += 1
            except Exception:
                outcomes[f"{kind}: BROKEN"] += 1
                traceback.print_exc()
                found(keep(kind, root, original))
    return outcomes


if __name__ == "__main__":
    cv2.setNumThreads(1)
    length, start = float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0
    for outcome, count in sorted(fuzz(length, start, lambda path: print("kept", path, flush=True)).items()):
        print(f"{outcome}: {count}")

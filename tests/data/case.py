"""Small data sets on disk, in every layout, sound and broken."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

CLASSES = ("cat", "dog")


def write_image(path: Path, width: int = 40, height: int = 30) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(0).integers(0, 255, (height, width, 3), dtype=np.uint8)
    cv2.imwrite(str(path), noise)


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def voc_object(name: str, box: tuple, difficult: int = 0) -> str:
    corners = "".join(
        f"<{key}>{value}</{key}>" for key, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
    )
    head = f"<name>{name}</name><difficult>{difficult}</difficult>"
    return f"  <object>\n    {head}\n    <bndbox>{corners}</bndbox>\n  </object>\n"


def write_voc(root: Path, images: dict[str, str], listed: list[str] | None = None) -> Path:
    """`images`: name -> the objects' XML."""
    for name, objects in images.items():
        write_image(root / "JPEGImages" / f"{name}.jpg")
        (root / "Annotations").mkdir(exist_ok=True)
        (root / "Annotations" / f"{name}.xml").write_text(f"<annotation>\n{objects}</annotation>\n")
    folder = root / "ImageSets" / "Main"
    folder.mkdir(parents=True, exist_ok=True)
    for split in ("train", "val"):
        (folder / f"{split}.txt").write_text("\n".join(listed or list(images)) + "\n")
    return root


def write_coco(root: Path, images: list[dict], annotations: list[dict]) -> Path:
    for image in images:
        if image.get("written", True):
            write_image(root / "images" / image["file_name"])
    content = {
        "images": [{"id": i["id"], "file_name": i["file_name"], "width": 40, "height": 30} for i in images],
        "categories": [{"id": 7, "name": "cat"}, {"id": 9, "name": "dog"}],
        "annotations": annotations,
    }
    (root / "annotations.json").write_text(json.dumps(content))
    return root


def write_yolo(root: Path, labels: dict[str, str]) -> Path:
    for name, text in labels.items():
        write_image(root / "images" / f"{name}.jpg")
        (root / "labels").mkdir(exist_ok=True)
        (root / "labels" / f"{name}.txt").write_text(text)
    (root / "data.yaml").write_text("path: .\ntrain: images\nval: images\nnames: {0: cat, 1: dog}\n")
    return root

"""Small data sets on disk, in every layout, sound and broken."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

from yololab.data import ShapesSource

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


def written_thrice(root: Path) -> dict[str, Path]:
    """The same embedded scenes, 16 and 8 of 64 pixels, as VOC, COCO and YOLO."""
    source, names = ShapesSource(train=16, val=8, size=64), ("disc", "square", "triangle")
    folders = {name: root / name for name in ("voc", "coco", "yolo")}
    for split in ("train", "val"):
        coco = {"images": [], "annotations": [], "categories": [{"id": i, "name": n} for i, n in enumerate(names)]}
        for record in source.read(split).records:
            boxes = record.boxes_xyxy.round()
            for folder in ("voc/JPEGImages", f"coco/{split}", f"yolo/images/{split}"):
                (root / folder).mkdir(parents=True, exist_ok=True)
                cv2.imwrite(str(root / folder / f"{record.name}.png"), record.pixels)
            write_xml(folders["voc"], record.name, boxes, [names[label] for label in record.labels])
            write_txt(folders["yolo"] / "labels" / split / f"{record.name}.txt", boxes, record.labels)
            number = len(coco["images"])
            coco["images"].append({"id": number, "file_name": f"{record.name}.png", "width": 64, "height": 64})
            for (x1, y1, x2, y2), label in zip(boxes.tolist(), record.labels.tolist(), strict=True):
                own = {"id": len(coco["annotations"]), "image_id": number, "category_id": label}
                coco["annotations"].append(own | {"bbox": [x1, y1, x2 - x1, y2 - y1]})
        lists = folders["voc"] / "ImageSets" / "Main"
        lists.mkdir(parents=True, exist_ok=True)
        (lists / f"{split}.txt").write_text("\n".join(record.name for record in source.read(split).records))
        (folders["coco"] / f"{split}.json").write_text(json.dumps(coco))
    yaml = f"train: images/train\nval: images/val\nnames: [{', '.join(names)}]\n"
    (folders["yolo"] / "data.yaml").write_text(yaml)
    return folders


def write_xml(root: Path, name: str, boxes: np.ndarray, labels: list[str]) -> None:
    (root / "Annotations").mkdir(exist_ok=True)
    objects = "".join(voc_object(label, box) for label, box in zip(labels, boxes.tolist(), strict=True))
    (root / "Annotations" / f"{name}.xml").write_text(f"<annotation>\n{objects}</annotation>\n")


def write_txt(path: Path, boxes: np.ndarray, labels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    centres, sides = (boxes[:, :2] + boxes[:, 2:]) / 128, (boxes[:, 2:] - boxes[:, :2]) / 64
    rows = np.concatenate((centres, sides), axis=1)
    text = "\n".join(f"{label} " + " ".join(f"{v:.6f}" for v in row) for label, row in zip(labels, rows, strict=True))
    path.write_text(text)

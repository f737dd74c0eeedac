"""Pictures of a run: predictions beside labels, precision-recall curves, confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from matplotlib.figure import Figure

from yololab.data.detection_data import DetectionData, ImageRecord
from yololab.data.sample import decode_rle, draw_mask, load_image
from yololab.errors import DataError
from yololab.files import whole_file
from yololab.metrics.coco_metric import Evaluation
from yololab.run.diagnosis import IOU, SCORE
from yololab.run.drawing import JPEG_QUALITY, draw_boxes, picture_side, resized, tinted
from yololab.terminal import drawn_text
from yololab.trackers.picture import Boxes, Picture

PREDICTIONS = "predictions"
"""Where a run's folder has them"""
BAND = 26
"""Height of the caption above a picture, in pixels."""


def draw_predictions(data: DetectionData, evaluation: Evaluation, count: int, folder: Path) -> list[Picture]:
    """Write `count` pictures, labels left and predictions right, of images spread evenly over the data.

    Pictures of earlier attempts that are no longer among them are removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.jpg"):
        old.unlink()
    chosen = np.linspace(0, len(data.records) - 1, min(count, len(data.records))).round().astype(int)
    pictures = []
    for index in dict.fromkeys(chosen.tolist()):
        record = data.records[index]
        try:
            image = load_image(record)
        except DataError:  # changed or gone since it was judged; the numbers stay
            continue
        path = folder / f"{Path(record.name).stem}.jpg"
        pictures.append(_side_by_side(path, image, record, evaluation, data.classes))
    return pictures


def _side_by_side(
    path: Path, image: np.ndarray, record: ImageRecord, evaluation: Evaluation, classes: Sequence[str]
) -> Picture:
    """Draw to `path`."""
    rows = evaluation.detections[evaluation.detections[:, 0] == record.image_id]
    rows = rows[rows[:, 5] >= SCORE]
    if evaluation.mask_results is not None:
        shown = [r for r in evaluation.mask_results if r["image_id"] == record.image_id and r["score"] >= SCORE]
        seen = [(decode_rle(result["segmentation"]), result["category_id"] - 1) for result in shown]
        drawn = [
            (draw_mask(m, record, image.shape[:2]), n) for m, n in zip(record.masks or (), record.labels, strict=False)
        ]
        image, labelled = tinted(image, seen, classes), tinted(image, drawn, classes)
    else:
        labelled = image
    found = np.concatenate((rows[:, 1:3], rows[:, 1:3] + rows[:, 3:5]), axis=1)
    labels = (rows[:, 6] - 1).astype(int)
    texts = [f"{classes[label]} {score:.2f}" for label, score in zip(labels, rows[:, 5], strict=True)]
    names = [str(classes[label]) for label in record.labels]
    side = picture_side(image)
    truth = draw_boxes(labelled, record.boxes_xyxy, record.labels, names, classes, side)
    predicted = draw_boxes(image, found, labels, texts, classes, side)
    gap = np.full((truth.shape[0] + BAND, 6, 3), 255, np.uint8)
    left = _captioned(truth, f"labels ({len(record)})")
    right = _captioned(predicted, f"predictions, score > {SCORE} ({len(rows)})")
    cv2.imwrite(str(path), np.concatenate((left, gap, right), axis=1), JPEG_QUALITY)
    shown, scale = resized(image, side)
    return Picture(
        path,
        shown,
        Boxes(record.boxes_xyxy * scale, record.labels),
        Boxes(found * scale, labels, rows[:, 5]),
        classes,
    )


def _captioned(image: np.ndarray, text: str) -> np.ndarray:
    band = np.full((BAND, image.shape[1], 3), 255, np.uint8)
    cv2.putText(band, text, (4, BAND - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (40, 40, 40), 1, cv2.LINE_AA)
    return np.concatenate((band, image), axis=0)


def draw_precision_recall(evaluation: Evaluation, classes: Sequence[str], path: Path) -> None:
    """Precision over recall at IoU 0.5: one line per class (up to 20) and their mean."""
    precision = evaluation.result.precision[0, :, :, 0, 2]  # (101, classes)
    recall = np.linspace(0, 1, precision.shape[0])
    figure = Figure(figsize=(7, 5), layout="constrained")
    axes = figure.subplots()
    defined = [label for label in range(len(classes)) if (precision[:, label] > -1).any()]
    for label in defined if len(defined) <= 20 else []:
        average = precision[:, label].mean()
        axes.plot(
            recall, precision[:, label], linewidth=1.2, label=f"{drawn_text(classes[label])} (AP50 {average:.3f})"
        )
    if defined:
        mean = precision[:, defined].mean(axis=1)
        axes.plot(recall, mean, color="black", linewidth=2.4, label=f"mean (mAP50 {mean.mean():.3f})")
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02), title="Precision-recall at IoU 0.5")
    axes.legend(loc="lower left", fontsize=9)
    axes.grid(alpha=0.25)
    with whole_file(path) as temporary:
        figure.savefig(temporary, dpi=120, format="png")


def draw_confusion(counts: np.ndarray, classes: Sequence[str], path: Path) -> None:
    """Confusion matrix, (classes + 1, classes + 1): rows are labels, columns predictions, the last is nothing."""
    names = [*map(drawn_text, classes), "nothing"]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = max(4.5, 0.45 * len(names) + 2)
    figure = Figure(figsize=(side + 0.8, side), layout="constrained")
    axes = figure.subplots()
    picture = axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    if len(names) <= 25:
        for row, column in np.ndindex(*counts.shape):
            colour = "white" if shares[row, column] > 0.6 else "black"
            axes.text(column, row, f"{int(counts[row, column])}", ha="center", va="center", color=colour, fontsize=9)
    axes.set_xticks(range(len(names)), names, rotation=45, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set(xlabel="predicted", ylabel="labelled", title=f"Confusion at IoU {IOU}, score > {SCORE}")
    figure.colorbar(picture, label="share of the row", shrink=0.8)
    with whole_file(path) as temporary:
        figure.savefig(temporary, dpi=120, format="png")

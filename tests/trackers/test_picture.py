from __future__ import annotations

from pathlib import Path

import numpy as np

from yololab.trackers.picture import Boxes, Picture
from yololab.trackers.wandb import _overlaid


def test_wandb_shows_labels_and_predictions_as_boxes_over_the_bare_image():
    image = np.zeros((60, 80, 3), np.uint8)
    image[..., 0] = 200  # blue, in OpenCV's order
    truth = Boxes(np.array([[10.0, 20, 30, 40]]), np.array([1]))
    found = Boxes(np.array([[11.0, 21, 31, 41], [0, 0, 5, 5]]), np.array([1, 0]), np.array([0.9, 0.3]))
    shown = _overlaid(Picture(Path("x/BloodImage_1.jpg"), image, truth, found, ("disc", "square")))
    assert shown.format == "jpg"
    assert np.asarray(shown.image)[0, 0, 2] > 150, "W&B takes RGB"
    boxes = {name: part._val for name, part in shown._boxes.items()}
    assert boxes["labels"][0]["position"] == {"minX": 10.0, "minY": 20.0, "maxX": 30.0, "maxY": 40.0}
    assert [box["box_caption"] for box in boxes["predictions"]] == ["square 0.90", "disc 0.30"]
    assert [box["scores"]["confidence"] for box in boxes["predictions"]] == [0.9, 0.3]
    assert "scores" not in boxes["labels"][0]

from __future__ import annotations

import math
import sys

import cv2
import numpy as np
import pytest

from yololab.errors import ConfigError
from yololab.trackers.base import GraphTable, TrackedRun
from yololab.trackers.picture import Boxes, Picture
from yololab.trackers.tensorboard import TensorBoardTracker

NONE = Boxes(np.zeros((0, 4)), np.zeros(0, int))


def test_curves_numbers_and_pictures_are_in_the_runs_folder(tmp_path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    graph = GraphTable(lines=[("backbone.stem", "Conv", "image", "16x32x32", 432, 0.1)])
    tracker = TensorBoardTracker(TrackedRun("r0", "demo", tmp_path, {}, "attention=cbam, seed 0", lambda: graph))
    tracker.logger.log_metrics({"val/mAP": 0.25, "val/mAP_large": math.nan}, 1)
    cv2.imwrite(str(tmp_path / "a.jpg"), np.zeros((8, 8, 3), np.uint8))
    drawn = Picture(tmp_path / "a.jpg", np.zeros((8, 8, 3), np.uint8), NONE, NONE, ("disc",))
    tracker.finish({"mAP": 25.0}, [drawn])
    found = accumulator.EventAccumulator(str(tmp_path / "tensorboard"))
    found.Reload()
    tags = found.Tags()
    assert {"val/mAP", "final/mAP"} <= set(tags["scalars"])
    assert "val/mAP_large" not in tags["scalars"]
    assert tags["images"] == ["predictions/a"]
    assert found.Scalars("val/mAP")[0].value == 0.25
    assert {"run/text_summary", "graph/text_summary"} <= set(tags["tensors"])


def test_without_it_the_way_to_it_is_told(tmp_path, monkeypatch):
    import lightning.pytorch.loggers.tensorboard as lightning_module

    monkeypatch.setitem(sys.modules, "tensorboard", None)
    monkeypatch.setattr(lightning_module, "_TENSORBOARD_AVAILABLE", False)
    import lightning.fabric.loggers.tensorboard as fabric_module

    monkeypatch.setattr(fabric_module, "_TENSORBOARD_AVAILABLE", False)
    monkeypatch.setattr(fabric_module, "_TENSORBOARDX_AVAILABLE", False)
    with pytest.raises(ConfigError, match=r"pip install 'yololab\[tensorboard\]'"):
        TensorBoardTracker(TrackedRun("r0", "demo", tmp_path, {}))

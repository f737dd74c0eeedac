from __future__ import annotations

import numpy as np
import pytest

from yololab.data import ShapesSource
from yololab.errors import ConfigError, YololabError
from yololab.inference.loaded import Thresholds
from yololab.inference.slices import sliced
from yololab.inference.sources import Frame

MOST = Thresholds(confidence=0.0, max_detections=40)


def test_slices_together_find_what_each_finds_alone(loaded):
    pytest.importorskip("supervision")
    records = ShapesSource(train=1, val=2, size=64).read("val").records
    wide = Frame("wide", np.concatenate([record.pixels for record in records], axis=1))
    few = Thresholds(confidence=0.0, iou=0.5, max_detections=3, class_agnostic=True)
    [(frame, found)] = sliced(loaded, [wide], few, 64, 0.0)
    assert frame is wide
    assert (found.width, found.height) == (128, 64)
    assert 1 <= len(found) <= 3
    best = []
    for place, record in enumerate(records):
        [(_, alone)] = loaded.stream([Frame("a", record.pixels)], few)
        best.append((alone.scores[0], alone.boxes_xyxy[0] + [64 * place, 0, 64 * place, 0]))
    score, box = max(best, key=lambda pair: pair[0])
    assert found.scores[0] == pytest.approx(score, abs=1e-5)
    assert found.boxes_xyxy[0] == pytest.approx(box, abs=0.01)


@pytest.mark.parametrize(("side", "overlap"), [(0, 0.2), (64, 1.0), (64, -0.1)])
def test_slices_that_cannot_be_are_refused(loaded, side, overlap):
    with pytest.raises(ConfigError, match="--slice"):
        next(sliced(loaded, [], MOST, side, overlap))


def test_masks_are_not_sliced(with_masks):
    with pytest.raises(ConfigError, match="masks are not put together from slices"):
        next(sliced(with_masks, [], MOST, 64, 0.0))


def test_without_supervision_it_is_named(loaded, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "supervision", None)
    with pytest.raises(YololabError, match=r"needs supervision: pip install 'yololab\[slice\]'"):
        next(sliced(loaded, [], MOST, 64, 0.0))

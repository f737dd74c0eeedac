"""What every assigner must keep to, by hand-sized cases, and what sets each apart."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from yololab.assigners import ATSS, SimOTA, Static, TaskAligned
from yololab.assigners import base as assigner_base
from yololab.ops.boxes import pairwise_iou
from yololab.ops.grid import grid_points
from yololab.structures import Predictions, Targets

ASSIGNERS = {
    "tal": TaskAligned(),
    "tal_yolov9": TaskAligned(contested_among="all"),
    "simota": SimOTA(),
    "simota_yolox": SimOTA(radius=1.5, in_box=False, penalty=1e6),
    "static": Static(),
    "atss": ATSS(),
}
SIZE = 128


def predictions(batch=1, classes=3, objectness=False, seed=0, size=SIZE):
    generator = torch.Generator().manual_seed(seed)
    levels = [torch.zeros(batch, 1, size // s, size // s) for s in (8, 16, 32)]
    points, strides = grid_points(levels, (8, 16, 32))
    reach = torch.rand(batch, len(points), 4, generator=generator) * 3 * strides[:, None] + 2
    boxes = torch.cat((points - reach[..., :2], points + reach[..., 2:]), dim=-1)
    logits = torch.randn(batch, len(points), classes, generator=generator)
    return Predictions(boxes, logits, points, strides, torch.randn(batch, len(points)) if objectness else None)


def targets(*images, size=4):
    """One list of (label, x1, y1, x2, y2) per image."""
    most = max(map(len, images))
    boxes, labels = torch.zeros(len(images), most, size), torch.zeros(len(images), most, dtype=torch.long)
    valid = torch.zeros(len(images), most, dtype=torch.bool)
    for row, image in enumerate(images):
        for column, (label, *box) in enumerate(image):
            boxes[row, column], labels[row, column], valid[row, column] = (
                torch.tensor(box, dtype=torch.float),
                label,
                True,
            )
    return Targets(boxes, labels, valid)


@pytest.mark.parametrize("name", ASSIGNERS)
class TestContract:
    def test_images_without_boxes_have_no_positives(self, name):
        for empty in (targets([]), targets([], [(1, 10, 10, 60, 60)])):
            batch = empty.labels.shape[0]
            got = ASSIGNERS[name](predictions(batch), empty)
            assert not got.positive[0].any()
            assert got.box_weight[0].sum() == 0

    def test_one_box_gets_at_least_one_point(self, name):
        got = ASSIGNERS[name](predictions(), targets([(2, 30, 40, 75, 90)]))
        assert got.positive.any()
        assert (got.box_index[got.positive] == 0).all()

    def test_quality_is_a_share_and_zero_elsewhere(self, name):
        got = ASSIGNERS[name](predictions(2), targets([(0, 8, 8, 60, 60), (1, 40, 40, 120, 100)], [(2, 0, 0, 30, 30)]))
        assert ((got.quality >= 0) & (got.quality <= 1)).all()
        assert (got.quality[~got.positive] == 0).all()
        assert (got.box_weight[~got.positive] == 0).all()

    def test_identical_boxes_are_survived(self, name):
        box = (1, 20, 20, 70, 70)
        got = ASSIGNERS[name](predictions(), targets([box, box]))
        assert got.positive.any()
        assert torch.isfinite(got.quality).all()

    def test_a_box_outside_every_point_is_survived(self, name):
        got = ASSIGNERS[name](predictions(), targets([(1, 500, 500, 520, 520), (0, 20, 20, 70, 70)]))
        own = got.box_index == 1
        assert (got.positive & own).any()
        # SimOTA, as its reference, gives even such a box one point; it overlaps nothing, so its target is 0.
        assert int((got.positive & ~own).sum()) <= 1
        assert (got.quality[got.positive & ~own] == 0).all()

    def test_a_box_without_area_is_survived(self, name):
        got = ASSIGNERS[name](predictions(), targets([(1, 50, 50, 50, 50), (0, 20, 20, 70, 70)]))
        assert torch.isfinite(got.quality).all()

    def test_padding_changes_nothing(self, name):
        both = predictions(2)
        first = replace(both, boxes_xyxy=both.boxes_xyxy[:1], class_logits=both.class_logits[:1])
        one = ASSIGNERS[name](first, targets([(1, 20, 20, 70, 70)]))
        padded = targets([(1, 20, 20, 70, 70)], [(0, 0, 0, 9, 9)] * 5)
        many = ASSIGNERS[name](both, padded)
        assert torch.equal(one.positive[0], many.positive[0])
        torch.testing.assert_close(one.quality[0], many.quality[0])

    def test_chunks_of_images_give_the_same_as_the_whole_batch(self, name, monkeypatch):
        images = [[(i % 3, 5 * i, 3 * i, 60 + 5 * i, 50 + 6 * i)] for i in range(5)]
        whole = ASSIGNERS[name](predictions(5), targets(*images))
        monkeypatch.setattr(assigner_base, "MAX_PAIRS", 700)
        chunked = ASSIGNERS[name](predictions(5), targets(*images))
        assert torch.equal(chunked.positive, whole.positive)
        torch.testing.assert_close(chunked.quality, whole.quality)


def test_simotas_k_is_the_floor_of_the_summed_overlaps():
    """Four perfect predictions and nothing else: k = 4."""
    p = predictions()
    box = torch.tensor([32.0, 32.0, 80.0, 80.0])
    boxes = torch.zeros_like(p.boxes_xyxy)
    inside = [i for i, point in enumerate(p.points.tolist()) if point in ([52, 52], [60, 52], [52, 60], [60, 60])]
    boxes[0, inside] = box
    got = SimOTA()(Predictions(boxes, p.class_logits, p.points, p.strides), targets([(0, *box.tolist())]))
    assert got.positive[0].nonzero().flatten().tolist() == inside
    assert torch.allclose(got.quality[0, inside], torch.ones(4), atol=1e-4)


def test_simotas_k_never_exceeds_the_candidates():
    """A single point, and ten overlaps that would ask for more (YOLOX #1563)."""
    p = predictions(size=32)
    last = slice(-1, None)
    few = Predictions(p.boxes_xyxy[:, last], p.class_logits[:, last], p.points[last], p.strides[last])
    got = SimOTA()(few, targets([(0, 0, 0, 32, 32)] * 3))
    assert int(got.positive.sum()) == 1


def test_static_takes_the_cell_and_its_two_nearest_neighbours():
    # Centre (44, 37), side 16: level of stride 8 (a = 32, ratio 2); x = 5.5 -> right of cell 5, y = 4.625 -> below 4.
    got = Static(max_ratio=2.5)(predictions(), targets([(1, 36, 29, 52, 45)]))
    cells = [(int(i) % 16, int(i) // 16) for i in got.positive[0].nonzero()]
    assert sorted(cells) == [(5, 4), (5, 5), (6, 4)]


def test_static_learns_a_box_that_fits_no_level_at_the_nearest():
    got = Static(max_ratio=1.5)(predictions(), targets([(1, 60, 60, 62, 100)]))
    strides = predictions().strides[got.positive[0]]
    assert strides.unique().tolist() == [8]


def test_static_gives_a_contested_point_to_the_smaller_box():
    got = Static(max_ratio=8.0)(predictions(), targets([(0, 20, 20, 68, 68), (1, 34, 34, 54, 54)]))
    cell = 5 * 16 + 5
    assert got.positive[0, cell]
    assert got.box_index[0, cell] == 1


def test_atss_positives_lie_in_their_box():
    p, box = predictions(), (1, 20.0, 30.0, 90.0, 80.0)
    points = p.points[ATSS()(p, targets([box])).positive[0]]
    assert ((points > torch.tensor(box[1:3])) & (points < torch.tensor(box[3:5]))).all()


def test_task_alignment_scales_the_best_point_to_the_best_overlap():
    p, t = predictions(), targets([(1, 20, 20, 70, 70)])
    got = TaskAligned()(p, t)
    overlaps = pairwise_iou(t.boxes_xyxy[0], p.boxes_xyxy[0])[0, got.positive[0]]
    assert 0 < got.quality.max() <= overlaps.max() + 1e-6


def test_task_alignment_adds_eps_to_the_best_alignment_alone():
    p, t = predictions(), targets([(1, 20, 20, 70, 70)])
    # With eps equal to the best alignment a, every quality falls by a / (a + a) = 1/2.
    plain = TaskAligned(alpha=1.0, beta=0.0, eps=0.0)(p, t)
    alignment = p.scores[0, :, 1][plain.positive[0]].max().item()
    damped = TaskAligned(alpha=1.0, beta=0.0, eps=alignment)(p, t)
    assert torch.equal(damped.positive, plain.positive)
    torch.testing.assert_close(damped.quality, plain.quality / 2)


def test_wrong_options_are_refused():
    with pytest.raises(ValueError, match="must be 'containing' or 'all', got 'any'"):
        TaskAligned(contested_among="any")


LARGE = """
import resource, torch
from assigners.test_assigners import ASSIGNERS, Targets, predictions
torch.manual_seed(0)
p = predictions(16, classes=80, size=640)
low = torch.rand(16, 300, 2) * 500
boxes = torch.cat((low, low + 8 + torch.rand(16, 300, 2) * 120), -1)
targets = Targets(boxes, torch.randint(80, (16, 300)), torch.ones(16, 300).bool())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert ASSIGNERS["{name}"](p, targets).positive.any()
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 2**20)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", ASSIGNERS)
def test_16_images_of_8400_points_and_300_boxes_fit_in_4_gib(name):
    code = LARGE.format(name=name)
    folder = str(Path(__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout) < 4

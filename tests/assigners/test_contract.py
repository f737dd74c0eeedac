"""The contract of every assigner of conf/assigner, by hand-sized cases."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch

from assigners.case import predictions, targets
from parts import choices, make_assigner
from timing import patience
from yololab.assigners import base as assigner_base
from yololab.structures import Assignment

IMAGES = (
    [(0, 8, 8, 60, 60), (1, 40, 40, 120, 100)],
    [(2, 0, 0, 30, 30)],
    [],
    [(1, 16, 4, 20, 100), (1, 64, 64, 127, 127), (0, 50, 10, 90, 44)],
)
"""Images of two, one, no and three boxes, so that there is padding of every kind."""


def image(data, index):
    """One image of a batch, its padding kept."""
    shared = ("points", "strides")
    cut = {f.name: v[index : index + 1] for f in fields(data) if (v := getattr(data, f.name)) is not None
           and f.name not in shared}  # fmt: skip
    return replace(data, **cut)


def assert_equal(first, second):
    for field in fields(Assignment):
        torch.testing.assert_close(getattr(first, field.name), getattr(second, field.name))


@pytest.mark.parametrize("choice", choices("assigner"))
class TestContract:
    def test_images_without_boxes_have_no_positives(self, choice):
        for empty in (targets([]), targets([], [(1, 10, 10, 60, 60)])):
            batch = empty.labels.shape[0]
            got = make_assigner(choice)(predictions(batch), empty)
            assert not got.positive[0].any()
            assert got.box_weight[0].sum() == 0

    def test_one_box_gets_at_least_one_point(self, choice):
        got = make_assigner(choice)(predictions(), targets([(2, 30, 40, 75, 90)]))
        assert got.positive.any()
        assert (got.box_index[got.positive] == 0).all()

    def test_quality_is_a_share_and_zero_elsewhere(self, choice):
        got = make_assigner(choice)(
            predictions(2), targets([(0, 8, 8, 60, 60), (1, 40, 40, 120, 100)], [(2, 0, 0, 30, 30)])
        )
        assert ((got.quality >= 0) & (got.quality <= 1)).all()
        assert (got.quality[~got.positive] == 0).all()
        assert (got.box_weight[~got.positive] == 0).all()

    def test_identical_boxes_are_survived(self, choice):
        box = (1, 20, 20, 70, 70)
        got = make_assigner(choice)(predictions(), targets([box, box]))
        assert got.positive.any()
        assert torch.isfinite(got.quality).all()

    def test_a_box_outside_every_point_is_survived(self, choice):
        got = make_assigner(choice)(predictions(), targets([(1, 500, 500, 520, 520), (0, 20, 20, 70, 70)]))
        own = got.box_index == 1
        assert (got.positive & own).any()
        # SimOTA, as its reference, gives even such a box one point; it overlaps nothing, so its target is 0.
        assert int((got.positive & ~own).sum()) <= 1
        assert (got.quality[got.positive & ~own] == 0).all()

    def test_a_box_without_area_is_survived(self, choice):
        got = make_assigner(choice)(predictions(), targets([(1, 50, 50, 50, 50), (0, 20, 20, 70, 70)]))
        assert torch.isfinite(got.quality).all()

    def test_padding_changes_nothing(self, choice):
        both = predictions(2)
        first = replace(both, boxes_xyxy=both.boxes_xyxy[:1], class_logits=both.class_logits[:1])
        one = make_assigner(choice)(first, targets([(1, 20, 20, 70, 70)]))
        padded = targets([(1, 20, 20, 70, 70)], [(0, 0, 0, 9, 9)] * 5)
        many = make_assigner(choice)(both, padded)
        assert torch.equal(one.positive[0], many.positive[0])
        torch.testing.assert_close(one.quality[0], many.quality[0])

    def test_chunks_of_images_give_the_same_as_the_whole_batch(self, choice, monkeypatch):
        images = [[(i % 3, 5 * i, 3 * i, 60 + 5 * i, 50 + 6 * i)] for i in range(5)]
        whole = make_assigner(choice)(predictions(5), targets(*images))
        monkeypatch.setattr(assigner_base, "MAX_PAIRS_CPU", 700)
        chunked = make_assigner(choice)(predictions(5), targets(*images))
        assert torch.equal(chunked.positive, whole.positive)
        torch.testing.assert_close(chunked.quality, whole.quality)

    @pytest.mark.parametrize("objectness", [False, True])
    def test_positives_point_to_valid_boxes_of_their_image(self, choice, objectness):
        wanted = targets(*IMAGES)
        got = make_assigner(choice)(predictions(len(IMAGES), objectness=objectness), wanted)
        assert wanted.valid.gather(1, got.box_index)[got.positive].all()
        assert (got.box_index[~got.positive] == 0).all()
        assert got.positive.any(dim=1).tolist() == [bool(boxes) for boxes in IMAGES]

    def test_the_same_batch_is_assigned_the_same_way(self, choice):
        first, second = (make_assigner(choice)(predictions(len(IMAGES)), targets(*IMAGES)) for _ in range(2))
        for field in fields(Assignment):
            assert torch.equal(getattr(first, field.name), getattr(second, field.name))

    def test_an_image_is_assigned_alone_as_in_its_batch(self, choice):
        found, wanted = predictions(len(IMAGES)), targets(*IMAGES)
        whole = make_assigner(choice)(found, wanted)
        for index in range(len(IMAGES)):
            assert_equal(make_assigner(choice)(image(found, index), image(wanted, index)), image(whole, index))

    def test_one_class_is_enough(self, choice):
        got = make_assigner(choice)(predictions(classes=1), targets([(0, 30, 40, 75, 90)]))
        assert got.positive.any()


LARGE = """
import resource, torch
from assigners.case import Targets, predictions
from parts import make_assigner
torch.manual_seed(0)
p = predictions(16, classes=80, size=640)
low = torch.rand(16, 300, 2) * 500
boxes = torch.cat((low, low + 8 + torch.rand(16, 300, 2) * 120), -1)
targets = Targets(boxes, torch.randint(80, (16, 300)), torch.ones(16, 300).bool())
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert make_assigner("{name}")(p, targets).positive.any()
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 2**20)
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", choices("assigner"))
def test_16_images_of_8400_points_and_300_boxes_fit_in_4_gib(name):
    code = LARGE.format(name=name)
    folder = str(Path(__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder, timeout=patience(600)
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert float(done.stdout) < 4

from __future__ import annotations

import torch

from yololab.assigners.claims import Claims


def claims(*triples):
    return Claims(*(torch.tensor(column) for column in zip(*triples, strict=True)))


def test_a_point_that_several_boxes_claim_goes_to_the_one_that_is_chosen():
    asked = []

    def choose(image, point):
        asked.append((image.tolist(), point.tolist()))
        return torch.full_like(image, 2)

    found = claims((0, 0, 3), (0, 1, 3), (0, 1, 4), (1, 0, 3)).settled(2, 5, choose)
    assert asked == [([0], [3])]
    triples = sorted(zip(found.image.tolist(), found.box.tolist(), found.point.tolist(), strict=True))
    assert triples == [(0, 1, 4), (0, 2, 3), (1, 0, 3)]


def test_without_a_contest_nobody_is_asked():
    mine = claims((0, 0, 1), (0, 1, 2))
    assert mine.settled(1, 3, lambda *_: 1 / 0) is mine


def test_an_assignment_holds_what_was_claimed_and_nothing_else():
    found = claims((0, 1, 2), (1, 0, 0)).assignment(2, 3, torch.tensor([0.5, 0.25]))
    assert found.positive.tolist() == [[False, False, True], [True, False, False]]
    assert found.box_index.tolist() == [[0, 0, 1], [0, 0, 0]]
    assert found.quality.tolist() == [[0, 0, 0.5], [0.25, 0, 0]]
    assert found.box_weight is found.quality
    weighted = claims((0, 1, 2)).assignment(1, 3, torch.tensor([0.5]), torch.tensor([1.0]))
    assert weighted.box_weight.tolist() == [[0, 0, 1]]

from __future__ import annotations

import torch

from assigners.case import predictions, targets
from yololab.assigners import ATSS


def test_atss_positives_lie_in_their_box():
    p, box = predictions(), (1, 20.0, 30.0, 90.0, 80.0)
    points = p.points[ATSS()(p, targets([box])).positive[0]]
    assert ((points > torch.tensor(box[1:3])) & (points < torch.tensor(box[3:5]))).all()

from __future__ import annotations

import torch
from torch import nn

from yololab.detector.replica import round_otherwise


def replica(seed, number):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
    round_otherwise(model, seed, number)
    return torch.cat([parameter.flatten() for parameter in model.parameters()])


def test_a_replica_is_another_rounding_of_the_same_weights():
    start = replica(0, 0)
    found = [replica(seed, number) for seed in (0, 1) for number in (1, 2)]
    assert torch.equal(replica(0, 1), found[0])
    for index, other in enumerate(found):
        assert torch.allclose(other, start, rtol=1e-5)
        assert not torch.equal(other, start)
        assert not any(torch.equal(other, later) for later in found[index + 1 :])

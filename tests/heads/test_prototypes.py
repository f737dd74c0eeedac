"""Prototypes of all levels; their numbers are the golden cases'."""

from __future__ import annotations

import torch

from yololab.heads.prototypes import FusedProto, Proto


def test_the_map_of_classes_is_computed_in_training_alone():
    features = [torch.rand(1, 8, 8, 8), torch.rand(1, 12, 4, 4), torch.rand(1, 16, 2, 2)]
    fused = FusedProto([8, 12, 16], 8, 4, 3)
    maps, semantic = fused.train()(*features)
    assert maps.shape == (1, 4, 16, 16)
    assert semantic.shape == (1, 3, 8, 8)
    assert fused.eval()(*features)[1] is None


def test_the_older_kind_reads_the_finest_level_alone():
    proto = Proto(8, 8, 4).eval()
    first, second = torch.rand(1, 8, 8, 8), torch.rand(1, 8, 4, 4)
    torch.testing.assert_close(proto(first, second)[0], proto(first)[0])

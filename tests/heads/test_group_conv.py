from __future__ import annotations

import pytest
import torch

from yololab.heads.group_conv import GroupConv, group_norm


@pytest.mark.parametrize(("channels", "groups"), [(64, 16), (24, 8), (7, 1)])
def test_there_are_as_many_groups_as_divide_the_channels(channels, groups):
    assert group_norm(channels).num_groups == groups


def test_images_of_a_batch_do_not_mix_even_in_training():
    layer, x = GroupConv(4, 32, 3, "relu").train(), torch.rand(3, 4, 6, 6)
    torch.testing.assert_close(layer(x)[1:2], layer(x[1:2]))
    assert layer(x).min() == 0

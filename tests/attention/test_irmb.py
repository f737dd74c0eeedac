from __future__ import annotations

import pytest
import torch

from yololab.attention import IRMB


def test_windows_do_not_see_each_other_but_for_the_depthwise_neighbours():
    module, x = IRMB(8, window=4).eval(), torch.rand(1, 8, 12, 12)
    changed = x.clone()
    changed[..., 0, 0] += 1  # of the first window
    moved = (module(changed) - module(x)).abs().sum(dim=(0, 1)) > 1e-7
    rows = moved.any(dim=1).nonzero().flatten()
    assert int(rows.max()) == 4  # the window's four rows, and one more by the 3x3


def test_one_window_is_attention_over_all_pixels():
    module, x = IRMB(8, window=6, num_heads=2, ratio=1.5).eval(), torch.rand(2, 8, 6, 6)
    placed = module.norm(x)
    query, key = module.query_key(placed).flatten(2).view(2, 2, 2, 4, 36).unbind(dim=1)  # (B, heads, 4, pixels)
    shares = (query.transpose(2, 3) @ key / 2.0).softmax(dim=-1)
    value = module.value(placed).view(2, 2, 6, 36)
    mixed = (value @ shares.transpose(2, 3)).reshape(2, 12, 6, 6)
    torch.testing.assert_close(module(x), x + module.narrow(mixed + module.near(mixed)))


def test_any_size_keeps_its_shape():
    assert IRMB(8, window=7)(torch.rand(1, 8, 9, 5)).shape == (1, 8, 9, 5)


@pytest.mark.parametrize(("given", "said"), [({"num_heads": 3}, "must divide"), ({"window": 0}, "at least 1")])
def test_what_cannot_be_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        IRMB(8, **given)

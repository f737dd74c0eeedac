from __future__ import annotations

import pytest

from yololab import attention


@pytest.mark.parametrize(("channels", "hidden"), [(64, 8), (320, 10), (1024, 32)])
def test_coordinate_attention_has_at_least_eight_hidden_channels(channels, hidden):
    assert attention.CoordAtt(channels).conv1.out_channels == hidden

from __future__ import annotations

import pytest
import torch

from blocks.case import BlockContract
from yololab.blocks import A2C2f
from yololab.blocks.area_attention import AreaAttention


@pytest.mark.parametrize(
    "args", [{"channels": 64}, {"channels": 64, "area": 4}, {"channels": 24, "attention": False, "repeats": 2}], ids=str
)
class TestA2C2f(BlockContract):
    block = A2C2f


def test_an_area_attends_within_itself():
    torch.manual_seed(0)
    module, x = AreaAttention(32, num_heads=1, area=4).eval(), torch.randn(1, 32, 8, 6)
    torch.nn.init.zeros_(module.pe.conv.weight)  # which reads beyond
    moved = x.clone()
    moved[:, :, 6:] += 1  # the last quarter of the rows
    change = (module(moved) - module(x)).abs().amax(dim=(0, 1, 3))
    assert change[:6].max() == 0
    assert change[6:].min() > 0


def test_a_map_that_cannot_be_cut_is_refused():
    with pytest.raises(ValueError, match="3 x 3 pixels cannot be cut into 4 equal areas"):
        AreaAttention(32, num_heads=1, area=4)(torch.rand(1, 32, 3, 3))


def test_the_residual_starts_small():
    module, x = A2C2f(64, channels=64, residual=True).eval(), torch.rand(1, 64, 4, 4)
    assert module.gamma.tolist() == pytest.approx([0.01] * 64)
    with torch.no_grad():
        module.gamma.zero_()
    torch.testing.assert_close(module(x), x)


@pytest.mark.parametrize(
    ("args", "message"), [({"channels": 40}, "multiple of 32"), ({"channels": 128, "residual": True}, "needs the 64")]
)
def test_widths_that_do_not_fit_are_refused(args, message):
    with pytest.raises(ValueError, match=message):
        A2C2f(64, **args)

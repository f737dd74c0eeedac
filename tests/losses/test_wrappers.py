from __future__ import annotations

import pytest
import torch

from yololab.assemble import make_parts
from yololab.config.compose import compose
from yololab.config.identity import science
from yololab.errors import ConfigError
from yololab.losses import CIoULoss, FocalerLoss, InnerLoss, IoULoss, SIoULoss, WiseLoss
from yololab.losses.wrappers import wrapped

A, B = torch.tensor([[0.0, 0, 10, 10]]), torch.tensor([[4.0, 0, 14, 10]])
OVERLAP = 60 / 140


def test_inner_boxes_shrink_about_their_centres():
    inner = (5 - 4) * 5 / (2 * 25 - (5 - 4) * 5)  # sides of 5, centres 4 apart
    assert InnerLoss(IoULoss(), 0.5)(A, B).item() == pytest.approx(1 - inner)
    assert InnerLoss(SIoULoss(), 0.5)(A, B).item() == pytest.approx(SIoULoss()(A, B).item() + OVERLAP - inner)
    assert InnerLoss(CIoULoss(), 1.0)(A, B).item() == pytest.approx(CIoULoss()(A, B).item(), abs=1e-6)


def test_outside_of_the_range_there_is_no_slope():
    for low, high, value in ((0.0, 0.4, 1.0), (0.5, 0.9, 0.0), (0.0, 0.6, OVERLAP / 0.6)):
        box = A.clone().requires_grad_()
        loss = FocalerLoss(IoULoss(), low, high)(box, B)
        loss.sum().backward()
        assert loss.item() == pytest.approx(1 - value, abs=1e-6)
        assert (box.grad.abs().max() < 1e-6) == (value in (0.0, 1.0))


def test_wise_weights_are_constants_times_the_base():
    assert WiseLoss(CIoULoss(), "v1")(A, B).item() == pytest.approx(
        torch.exp(torch.tensor(16 / (14**2 + 10**2))).item() * CIoULoss()(A, B).item(), rel=1e-5
    )
    assert WiseLoss(CIoULoss(), "v3").focus is not None


@pytest.mark.parametrize(
    ("overrides", "kinds"),
    [
        (["loss=ciou"], [CIoULoss]),
        (["loss=siou", "loss.inner=0.7"], [InnerLoss, SIoULoss]),
        (["loss.focaler=[0,0.95]", "loss.wise=v3"], [WiseLoss, FocalerLoss, CIoULoss]),
    ],
)
def test_they_are_chosen_by_their_keys_over_any_base(overrides, kinds):
    box, found = make_parts(compose(overrides)).loss.box, []
    while box is not None:
        found.append(type(box))
        box = getattr(box, "base", None)
    assert found == kinds


@pytest.mark.parametrize(
    ("key", "value"),
    [("inner", 0), ("inner", "x"), ("inner", True), ("focaler", 0.5), ("focaler", [0.5]), ("focaler", [0.9, 0.1]),
     ("focaler", ["a", "b"]), ("wise", "v4")],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name(key, value):
    with pytest.raises(ConfigError, match=f"loss.{key}"):
        wrapped(IoULoss(), {key: value})


def test_without_them_a_run_is_the_run_that_it_was():
    assert "inner" not in science(compose([]))["loss"]
    assert science(compose(["loss.inner=0.7"]))["loss"]["inner"] == 0.7

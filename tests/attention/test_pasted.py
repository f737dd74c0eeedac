"""Modules as tutorials print them, in a file of the user's own."""

from __future__ import annotations

import pytest
import torch

import yololab
from parts import SMALL
from yololab.errors import YololabError

SOURCE = """
import torch
from torch import nn

class Tutorial(nn.Module):
    def __init__(self, channel, reduction=16):
        super().__init__()
        hidden = channel // reduction
        self.fc = nn.Sequential(nn.Linear(channel, hidden), nn.ReLU(), nn.Linear(hidden, channel))
    def forward(self, x):
        return x * self.fc(x.mean(dim=(2, 3))).sigmoid()[:, :, None, None]

class NoChannels(nn.Module):
    def __init__(self):
        super().__init__()
    def forward(self, x):
        return x

class Halves(nn.Module):
    def __init__(self, channel):
        super().__init__()
        self.conv = nn.Conv2d(channel, channel, 3, stride=2, padding=1)
    def forward(self, x):
        return self.conv(x)

class Fails(nn.Module):
    def __init__(self, channel):
        super().__init__()
        self.conv = nn.Conv2d(channel + 1, channel, 1)
    def forward(self, x):
        return self.conv(x)

class Swaps(nn.Module):
    def __init__(self, channel):
        super().__init__()
    def forward(self, x):
        return x.transpose(2, 3)
"""


@pytest.fixture
def module(tmp_path, monkeypatch, request):
    name = f"pasted_{abs(hash(request.node.name))}"
    (tmp_path / f"{name}.py").write_text(SOURCE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


def test_a_plain_module_is_inserted_and_learns(module):
    detector = yololab.build([*SMALL, f"+attention._target_={module}.Tutorial", "+attention.reduction=4"])
    inserted = [m for m in detector.modules() if type(m).__name__ == "Tutorial"]
    assert inserted
    assert inserted[0].fc[0].out_features == inserted[0].fc[0].in_features // 4
    maps = detector(torch.rand(1, 3, 64, 64))["main"]
    sum(level.sum() for level in maps.levels).backward()
    assert all(p.grad is not None for m in inserted for p in m.parameters())


def test_trying_its_shape_changes_no_start(module):
    plain, tried = (yololab.build([*SMALL, *more]) for more in ([], [f"+attention._target_={module}.Tutorial"]))
    for name, value in plain.state_dict().items():
        assert torch.equal(tried.state_dict()[name], value)


def test_controls_take_it_too(module):
    for control in ("identity_start=true", "placebo=random_gate"):
        detector = yololab.build([*SMALL, f"+attention._target_={module}.Tutorial", f"insert_pos.{control}"])
        assert any(type(m).__name__ == "Tutorial" for m in detector.modules())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("NoChannels", "cannot be made of .* channels .* its first argument must be the number of channels"),
        ("Halves", r"makes \(1, .*, 8, 6\) of a feature of shape \(1, .*, 16, 12\); it must keep the shape"),
        ("Swaps", "it must keep the shape"),
        ("Fails", "fails on a feature of shape"),
        ("Tutorail", "no 'Tutorail' in .*did you mean 'Tutorial'"),
    ],
)
def test_what_does_not_fit_is_told_in_a_line(module, name, message):
    with pytest.raises(YololabError, match=message):
        yololab.build([*SMALL, f"+attention._target_={module}.{name}"])

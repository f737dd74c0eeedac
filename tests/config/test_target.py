"""Parts of a user's own: a class on the path, a YAML in a folder of --config-dir, a missing module."""

from __future__ import annotations

from pathlib import Path

import pytest

import command
import yololab
import yololab.errors

MODULE = """
from torch import nn
from yololab.attention.base import Attention


class Doubled(Attention):
    def __init__(self, in_channels, *, bias=True):
        super().__init__()
        self.scale = nn.Conv2d(in_channels, in_channels, 1, bias=bias)

    def forward(self, x):
        return x + self.scale(x)
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "my_module.py").write_text(MODULE)
    group = tmp_path / "myconf" / "attention"
    group.mkdir(parents=True)
    (group / "doubled.yaml").write_text("_target_: my_module.Doubled\nbias: false\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def test_an_attention_by_its_path_needs_no_file_of_ours(own):
    detector = yololab.build(["scale=p", "attention._target_=my_module.Doubled"], device="meta")
    assert type(detector.node("neck.spp_attention")).__name__ == "Doubled"


def test_a_folder_of_configurations_adds_choices_on_the_command_line(own):
    arguments = ["--config-dir", "myconf", "attention=doubled", "runtime.trust=[my_module]", *command.SMOKE]
    done = command.yololab("train", *arguments, f"runtime.root={own}/runs", cwd=own)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "done in" in done.stdout
    frozen = next((own / "runs" / "smoke").glob("r*/config.yaml")).read_text()
    assert "my_module.Doubled" in frozen


def test_a_missing_module_is_named(own):
    with pytest.raises(yololab.errors.GraphError, match=r"node 'neck.spp_attention'.*cannot import 'my_modul'"):
        yololab.build(["scale=p", "attention._target_=my_modul.Doubled"], device="meta")

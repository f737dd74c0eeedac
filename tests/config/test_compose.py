from __future__ import annotations

import pytest

from yololab.config.compose import compose, config_loader
from yololab.errors import ConfigError


def test_checking_resolves_interpolations():
    assert compose(["data=voc", "data.root=/a"])["data"]["root"] == "/a"


def test_hydras_own_part_is_left_out():
    assert "hydra" not in compose([])


def test_a_folder_of_ones_own_adds_choices_and_hides_none(tmp_path):
    (tmp_path / "loss").mkdir()
    (tmp_path / "loss" / "mine.yaml").write_text("box: {_target_: yololab.losses.IoULoss, power: 2.0}\n")
    assert compose(["loss=mine"], str(tmp_path))["loss"]["box"]["power"] == 2.0
    assert compose(["loss=siou"], str(tmp_path))["loss"]["box"]["_target_"] == "yololab.losses.SIoULoss"
    with config_loader(str(tmp_path)) as loader:
        assert {"mine", "siou"} <= set(loader.get_group_options("loss"))
    with pytest.raises(ConfigError, match="loss=mine: there is no such choice"):
        compose(["loss=mine"])


def test_an_interpolation_that_leads_nowhere_is_a_short_error():
    with pytest.raises(ConfigError, match="nowhere"):
        compose(["recipe.lr=${nowhere}"])

from __future__ import annotations

import math

import pytest

from yololab.config.compose import compose
from yololab.config.finite import require_finite
from yololab.errors import ConfigError


@pytest.mark.parametrize(
    "override",
    [
        "recipe.lr=nan",
        "recipe.lr=inf",
        "recipe.weight_decay=-inf",
        "recipe.momentum=nan",
        "recipe.ema_decay=nan",
        "recipe.clip_norm=nan",
        "recipe.augment.mosaic=nan",
        "recipe.evaluation.iou=nan",
        "checkpoint.minutes=nan",
        "study.smallest_effect=nan",
        "loss.gains.box=nan",
        "data.occlusion=nan",
        "runtime.loader_timeout=inf",
    ],
)
def test_a_number_that_is_none_is_refused_by_its_key(override):
    key = override.partition("=")[0]
    with pytest.raises(ConfigError, match=rf"{key}=-?(nan|inf): expected a finite number"):
        compose(["experiment=smoke", override])


def test_it_looks_everywhere():
    with pytest.raises(ConfigError, match=r"a.b\[1\].c=nan"):
        require_finite({"a": {"b": [1.0, {"c": math.nan}]}})
    require_finite({"a": [1, 2.5, None, True, "nan"]})
    require_finite({"a": math.inf}, infinity=True)


def test_text_with_nul_is_refused_by_its_key():
    for key in ("weights", "ckpt_path", "runtime.root", "data.classes"):
        value = "[a\0b]" if key == "data.classes" else '"a\0b"'
        with pytest.raises(ConfigError):
            compose([f"{key}={value}"])
    with pytest.raises(ConfigError, match="weights=.*NUL"):
        require_finite({"weights": "a\0b"})

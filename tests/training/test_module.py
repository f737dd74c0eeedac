from __future__ import annotations

import math

import pytest

from yololab.config.compose import compose
from yololab.metrics.coco_eval import STAT_NAMES
from yololab.run.folder import RunSpec
from yololab.run.start import run

SMOKE = ["experiment=smoke", "runtime.progress=false"]


def smoke(root, *overrides):
    return run(RunSpec(compose([*SMOKE, f"runtime.root={root}", *overrides]), {}, []))


@pytest.mark.parametrize(
    "overrides",
    [
        ["model=yolov9", "scale=p", "data.train=8"],
        ["recipe.accumulate=2"],
        ["recipe.precision=bf16-mixed"],
        ["recipe.optimizer=sgd", "recipe.lr=0.01", "recipe.ema_decay=0"],
    ],
    ids=["dual head", "accumulate", "bf16", "no average"],
)
def test_other_recipes_run_too(tmp_path, overrides):
    record = smoke(tmp_path, "tracker=none", "recipe.epochs=1", *overrides)
    scores = {f"val/{name}" for name in STAT_NAMES}  # undefined where no object has that size
    assert all(math.isfinite(value) for name, value in record.curve[0].items() if name not in scores)
    assert math.isfinite(record.curve[0]["val/mAP"])

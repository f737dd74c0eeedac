from __future__ import annotations

import pytest

from yololab.config.compose import compose
from yololab.errors import ConfigError, DataError
from yololab.run.folder import RunSpec
from yololab.run.start import run

SMOKE = ["experiment=smoke", "runtime.progress=false"]


def smoke(root, *overrides):
    return run(RunSpec(compose([*SMOKE, f"runtime.root={root}", *overrides]), {}, []))


def test_segmentation_on_data_without_masks_is_refused(tmp_path, bccd):
    config = compose(["task=segment", "data=bccd", f"data.root={bccd}", f"runtime.root={tmp_path}", "scale=p"])
    with pytest.raises(DataError, match=r"task=segment needs a mask for every object; 205 of 205 images"):
        run(RunSpec(config, {}, []))


def test_fewer_classes_than_the_data_has_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="num_classes=2: the data has 3 classes"):
        smoke(tmp_path, "num_classes=2")

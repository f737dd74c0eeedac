from __future__ import annotations

import pytest

from yololab.errors import ConfigError
from yololab.metrics.names import metric_named, percent_text


def test_papers_and_references_have_short_names():
    found = [metric_named(name) for name in ("mAP", "AP", "AP_S", "P", "R", "F1", "mAP50-95", "mask_mAP", "AP/dog")]
    expected = ["mAP", "mAP", "mAP_small", "precision", "recall", "F1", "mAP", "mask_mAP", "AP/dog"]
    assert found == expected


def test_an_unknown_metric_is_named_with_the_nearest():
    with pytest.raises(ConfigError, match=r"no metric 'mAP_smal'; did you mean 'mAP_small'"):
        metric_named("mAP_smal")
    with pytest.raises(ConfigError, match="no metric 'AP/'"):
        metric_named("AP/")


def test_people_read_percent_with_one_decimal():
    assert percent_text(0.5239) == "52.4"

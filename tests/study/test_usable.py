from __future__ import annotations

import math

import pytest

from study.case import record
from yololab.study.usable import is_defined, why_left_out


@pytest.mark.parametrize(("value", "defined"), [(0.0, True), (0.5, True), (-1.0, False), (math.nan, False)])
def test_a_metric_is_defined_where_it_is_a_number_that_coco_measured(value, defined):
    assert is_defined(value) == defined


def test_a_run_that_found_nothing_may_enter_and_one_that_could_not_may_not():
    assert why_left_out(record(0, 0.0)) is None
    assert why_left_out(record(0, -1.0)) == "no mAP: nothing to measure"
    assert why_left_out(record(0, math.nan)) == "no mAP: nothing to measure"

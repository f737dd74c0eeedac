from __future__ import annotations

import re

import pytest

from yololab.report.power_curve import power_curve
from yololab.statistics.power import detectable_difference


def test_the_curve_is_the_powers_own_and_marks_this_study():
    drawn = power_curve(1.5, 4, 3, 2.0, 0.8)
    told = re.findall(r"<title>(\d+) seeds: ([\d.]+) points", drawn)
    assert told[0][0] == "2"
    for seeds, least in told[:4]:
        assert float(least) == pytest.approx(detectable_difference(1.5, 4, int(seeds), 0.8), abs=0.051)
    [marked] = re.findall(r'class="mean"[^>]*><title>(\d+)', drawn)
    assert marked == "3"
    assert 'class="frontier"' in drawn


def test_one_row_compares_nothing():
    assert power_curve(1.0, 1, 3, None, 0.8) == ""

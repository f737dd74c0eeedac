from __future__ import annotations

import math
import re

from yololab.report.forest import Effect, forest

BETTER = Effect("cbam", 2.0, 1.0, 3.0, "better")
BARE = Effect("a name of " + "very " * 20 + "many letters", -1.0, math.nan, math.nan, "cannot tell yet")


def numbers(drawn, kind, *names):
    found = re.findall(rf'<(?:line|circle|rect) class="{kind}"[^>]*>', drawn)
    return [[float(re.search(rf'\b{name}="([-\d.]+)"', one).group(1)) for name in names] for one in found]


def test_intervals_and_what_is_too_small_are_drawn_to_one_scale():
    drawn = forest([BETTER, BARE], 0.5, "mAP")
    [[low, high]] = numbers(drawn, "interval", "x1", "x2")
    (mean, _), (bare, _) = numbers(drawn, "mean", "cx", "cy")
    [[zero]] = numbers(drawn, "zero", "x1")
    [[left, width]] = numbers(drawn, "small", "x", "width")
    unit = (high - low) / 2
    assert abs(mean - (low + high) / 2) < 0.2
    assert abs(zero - (mean - 2 * unit)) < 0.3
    assert abs(bare - (zero - unit)) < 0.3
    assert abs(left + width / 2 - zero) < 0.2
    assert abs(width - unit) < 0.3
    assert "cbam: +2.0 [+1.0, +3.0]: better" in drawn
    assert "…" in drawn


def test_without_a_smallest_effect_nothing_is_shaded():
    assert 'class="small"' not in forest([BETTER], None, "mAP")

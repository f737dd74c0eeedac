from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from yololab.pages.scales import Axis
from yololab.pages.svg import below, beside, dot, figure, line, path, text

HOSTILE = '"><script>alert(1)</script>'


def test_a_figure_is_xml_that_is_read_aloud_and_text_of_others_is_text():
    axis = Axis(0, 10, 0, 100)
    parts = [
        text(1, 2, HOSTILE, "name", HOSTILE),
        dot(1, 2, "mean", HOSTILE),
        line(0, 0, 1, 1, "axis"),
        path([(0, 0), (1, 1), (2, 0)], "band", closed=True),
        below(axis, 90, 10, HOSTILE),
        beside(axis, 10, 90, HOSTILE),
    ]
    drawn = figure(HOSTILE, 100, 100, parts)
    root = ElementTree.fromstring(drawn.replace("class=scroll", 'class="scroll"'))
    svg = root.find(".//svg")
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == HOSTILE
    assert not root.findall(".//script")
    assert root.find(".//path").get("d") == "M0.0 0.0 L1.0 1.0 L2.0 0.0Z"

from __future__ import annotations

from study.case import record
from yololab.study.table import build_table, to_markdown


def study():
    return [
        record(0, 0.50, attention="none"),
        record(1, 0.54, attention="none"),
        record(0, 0.55, attention="cbam"),
        record(1, 0.57, attention="cbam"),
    ]


def test_markdown_has_a_line_per_row():
    lines = to_markdown(build_table(study())).splitlines()
    assert lines[0].startswith("| attention | mAP | mAP50 |")
    assert lines[2] == "| none | 52.0 ± 2.8 | 72.0 ± 2.8 | baseline |  | 1,000 | 1.500 | 2 |"
    assert lines[3].startswith("| cbam | 56.0 ± 1.4 | 76.0 ± 1.4 | +4.0 ± 12.7 | 0.156 |")

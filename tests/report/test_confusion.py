from __future__ import annotations

import numpy as np

from yololab.report.confusion import MOST_CLASSES, confusion


def test_cells_are_shaded_by_their_share_of_a_label_and_say_what_they_are():
    drawn = confusion(np.array([[3, 1, 0], [0, 0, 0], [2, 0, 0]]), ("disc", "<bar>"), "eca")
    assert drawn.count("<rect") == 9
    assert "labelled disc, predicted &lt;bar&gt;: 1 (25% of the row)" in drawn
    assert drawn.count('fill-opacity="0.740"') == 1  # all of the last row: detections of nothing, taken for discs
    assert drawn.count('class="count"') == 3


def test_there_is_no_room_for_very_many_classes():
    count = MOST_CLASSES + 1
    assert confusion(np.zeros((count + 1, count + 1), int), [str(n) for n in range(count)], "") == ""

from __future__ import annotations

import numpy as np

from yololab.data.letterbox import letterbox


def test_letterbox_and_back_is_the_identity():
    boxes = np.array([[3.0, 5, 40, 29], [0, 0, 60, 30]])
    padded, back = letterbox(np.zeros((32, 64, 3), np.uint8), (64, 64), original=(60, 30))
    assert padded.shape == (64, 64, 3)
    np.testing.assert_allclose(back.to_original(back.to_network(boxes)), boxes)
    assert back.to_original(np.array([[-9.0, -9, 99, 99]])).tolist() == [[0, 0, 60, 30]]

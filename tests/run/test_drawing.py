from __future__ import annotations

import numpy as np
import pytest

from yololab.run.drawing import class_colours, draw_boxes, picture_side, tinted

CLASSES = ("disc", "square", "triangle")


def test_colours_differ():
    assert len(set(class_colours(10))) == 10
    assert len(set(class_colours(40))) == 40


def test_a_box_is_drawn_where_it_lies_and_a_mask_tints_its_pixels():
    black = np.zeros((640, 640, 3), np.uint8)
    drawn = draw_boxes(black, np.array([[100.0, 200, 300, 400]]), np.array([0]), [""], CLASSES)
    assert drawn[300, 100].any()
    assert not drawn[300, 200].any()
    mask = np.zeros((640, 640), bool)
    mask[10:20, 10:20] = True
    washed = tinted(black, [(mask, 1)], CLASSES)
    assert washed[15, 15].tolist() == [int(0.5 * value) for value in class_colours(3)[1]]
    assert not washed[30, 30].any()
    assert not black.any()


@pytest.mark.parametrize(("side", "expected"), [(64, 320), (800, 800), (4000, 1280)])
def test_a_picture_has_its_images_size_within_reason(side, expected):
    assert picture_side(np.zeros((side // 2, side, 3), np.uint8)) == expected


def test_a_caption_that_the_font_cannot_draw_is_the_labels_number():
    black = np.zeros((200, 400, 3), np.uint8)
    place = np.array([[50.0, 100, 300, 190]]), np.array([1])
    assert np.array_equal(
        draw_boxes(black, *place, ["方 0.90"], CLASSES), draw_boxes(black, *place, ["1 0.90"], CLASSES)
    )


def test_lines_grow_with_the_picture():
    box = np.array([[0.25, 0.25, 0.75, 0.75]])
    thick = []
    for side in (640, 2560):
        drawn = draw_boxes(np.zeros((side, side, 3), np.uint8), box * side, np.array([0]), [""], CLASSES)
        thick.append(np.count_nonzero(drawn[side // 2].any(axis=1)))
    assert thick[1] > 2 * thick[0]

from __future__ import annotations

from yololab import heads

STRIDES = (8, 16, 32)


def test_yolov9s_class_width_follows_twice_the_classes():
    head = heads.DDetect((64, 96, 128), strides=STRIDES, num_classes=80)
    assert head.cv3[0][0].conv.out_channels == 128
    assert head.cv2[0][1].conv.groups == head.cv2[0][2].groups == 4

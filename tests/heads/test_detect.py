from __future__ import annotations

from yololab import heads

STRIDES = (8, 16, 32)


def test_yolov8s_widths_follow_the_published_rule():
    head = heads.Detect((256, 512, 512), strides=STRIDES, num_classes=80)
    assert head.cv2[0][0].conv.out_channels == 64
    assert head.cv3[0][0].conv.out_channels == 256

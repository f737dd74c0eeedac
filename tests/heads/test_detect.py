from __future__ import annotations

from yololab import heads

STRIDES = (8, 16, 32)


def test_yolov8s_widths_follow_the_published_rule():
    head = heads.Detect((256, 512, 512), strides=STRIDES, num_classes=80)
    assert head.cv2[0][0].conv.out_channels == 64
    assert head.cv3[0][0].conv.out_channels == 256


def test_light_classes_are_depthwise_and_boxes_are_not():
    plain, light = (
        heads.Detect((64, 128, 256), strides=STRIDES, num_classes=80, light_classes=light) for light in (False, True)
    )
    assert light.cv3[1][0][0].conv.groups == 128
    count = [sum(p.numel() for p in head.cv3.parameters()) for head in (plain, light)]
    assert count[1] < count[0] / 5
    assert [p.shape for p in plain.cv2.parameters()] == [p.shape for p in light.cv2.parameters()]

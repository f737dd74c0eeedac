from __future__ import annotations

import torch

from yololab.heads import SharedDetect

STRIDES = (8, 16, 32)


def make(**args):
    return SharedDetect((16, 24, 32), strides=STRIDES, num_classes=3, hidden=32, **args)


def test_levels_share_everything_but_their_stem_and_scale():
    head = make()
    shared = 2 * (9 * 32 * 32 + 2 * 32) + (32 * 64 + 64) + (32 * 3 + 3)
    stems = sum(c * 32 + 2 * 32 for c in (16, 24, 32))
    assert sum(p.numel() for p in head.parameters() if p.requires_grad) == shared + stems + 3


def test_the_same_feature_gives_the_same_map_at_every_level():
    head = SharedDetect((16, 16, 16), strides=STRIDES, num_classes=3, hidden=32).eval()
    for stem in list(head.stems)[1:]:
        stem.load_state_dict(head.stems[0].state_dict())
    feature = torch.rand(1, 16, 4, 4)
    first, second, third = head([feature] * 3)["main"].levels
    assert torch.equal(first, second)
    assert torch.equal(first, third)


def test_its_scale_moves_distances_of_its_level_alone():
    head, features = make().eval(), [torch.rand(1, c, 4, 4) for c in (16, 24, 32)]
    before = head(features)["main"].levels
    with torch.no_grad():
        head.scales[1] = 2.0
    after = head(features)["main"].levels
    torch.testing.assert_close(after[1][:, :64], 2 * before[1][:, :64])
    assert torch.equal(after[1][:, 64:], before[1][:, 64:])
    assert torch.equal(after[0], before[0])


def test_images_of_a_batch_do_not_mix_even_in_training():
    head, features = make().train(), [torch.rand(3, c, 4, 4) for c in (16, 24, 32)]
    alone = head([feature[1:2] for feature in features])["main"].levels[0]
    torch.testing.assert_close(head(features)["main"].levels[0][1:2], alone)

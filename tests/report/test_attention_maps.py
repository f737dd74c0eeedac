from __future__ import annotations

import numpy as np
import pytest
import torch

from yololab.assemble import build_detector
from yololab.config.compose import compose
from yololab.report.attention_maps import eigen_cam, look


@pytest.fixture(scope="module")
def detector():
    overrides = ["model=yolov8", "attention=cbam", "insert_pos=neck", "scale.width=0.125", "image_size=64"]
    return build_detector(compose(overrides), 2).eval()


def test_the_first_component_is_found_whatever_its_sign():
    place = torch.zeros(6, 8)
    place[2, 3] = 5.0
    feature = torch.stack((place, -2 * place, torch.full((6, 8), 0.3)))
    for one in (feature, -feature):
        found = eigen_cam(one)
        assert np.unravel_index(found.argmax(), found.shape) == (2, 3)
        assert (found.min(), found.max()) == (0, 1)
    assert not eigen_cam(torch.ones(3, 4, 4)).any()  # nothing stands out


def test_the_effect_of_a_gate_is_the_gate(detector):
    image = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    seen = look(detector, image, 64, ["neck.spp_attention"])
    assert seen.cam.shape == (48, 64)
    gated = {}
    handle = detector.node("neck.spp_attention").register_forward_hook(
        lambda _, given, out: gated.update(x=given[0][0], y=out[0])
    )
    pixels = np.pad(image, ((0, 16), (0, 0), (0, 0)), constant_values=114)[:, :, ::-1].copy()
    with torch.inference_mode():
        detector(torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255)
    handle.remove()
    module = detector.node("neck.spp_attention")
    with torch.inference_mode():
        x = gated["x"][None]
        gate = module.channel_attention.fc(module.channel_attention.pool(x)).sigmoid()[0]
        pooled = torch.cat(((x * gate).mean(dim=1, keepdim=True), (x * gate).amax(dim=1, keepdim=True)), dim=1)
        spatial = module.spatial_attention.cv1(pooled).sigmoid()[0]
    effect = seen.effects["neck.spp_attention"]
    weights = gated["x"].abs()
    expected = (weights * gate * spatial).sum((1, 2)) / weights.sum((1, 2))
    np.testing.assert_allclose(effect.channels, expected.numpy(), rtol=1e-4)
    assert effect.places.shape == (2, 2)  # 48 of 64 rows are 1.5 of 2 cells


def test_what_changes_the_shape_has_no_such_effect(detector):
    image = np.zeros((64, 64, 3), np.uint8)
    assert look(detector, image, 64, ["backbone.down2"]).effects == {}

"""timm's backbones as nodes: beside timm itself."""

from __future__ import annotations

import pytest
import torch

from cell import check
from command import SMOKE, yololab
from yololab.assemble import build_detector, start_from_weights
from yololab.blocks.timm_features import STRIDES
from yololab.config.compose import compose
from yololab.errors import ConfigError, GraphError

timm = pytest.importorskip("timm", reason="the extra timm is not installed")
NAMES = (
    "mobilenetv4_conv_small_035", "resnet10t", "convnext_atto", "efficientnet_lite0", "repvit_m0_9", "densenet121",
    pytest.param("darknet53", marks=pytest.mark.slow), pytest.param("nfnet_f0", marks=pytest.mark.slow),
)  # fmt: skip


def detector_of(*overrides):
    config = compose(["backbone=timm", "scale=p", "num_classes=3", "image_size=64", *overrides])
    return config, build_detector(config, 3)


@pytest.mark.parametrize("name", NAMES)
def test_features_are_those_of_timm_with_timms_own_weights(tmp_path, name):
    torch.manual_seed(1)
    theirs = timm.create_model(name, pretrained=False).eval()
    torch.save(theirs.state_dict(), tmp_path / "theirs.pth")
    config, detector = detector_of(f"timm.name={name}", f"weights={tmp_path}/theirs.pth")
    report = start_from_weights(config, detector)
    node = detector.get_submodule("backbone")["features"].eval()
    assert len(report.loaded) == len(node.state_dict())
    images = torch.rand(2, 3, 64, 64)
    mean, std = (torch.tensor(theirs.pretrained_cfg[key])[:, None, None] for key in ("mean", "std"))
    with torch.no_grad():
        found = node(images)
        expected = theirs.forward_intermediates((images - mean) / std, intermediates_only=True)
    assert [64 // each.shape[-1] for each in found] == list(STRIDES)
    for each in found:
        assert any(other.shape == each.shape and torch.allclose(other, each, atol=1e-5) for other in expected)


@pytest.mark.parametrize(
    "overrides",
    [["model=yolov8"], ["model=yolo26"], ["model=yolov9", "attention=cbam"], ["neck=bifpn", "levels=[2,3,4,5]"]],
)
def test_any_family_takes_one(overrides):
    check(["backbone=timm", "timm.name=mobilenetv4_conv_small_035", *overrides])


def test_a_start_depends_on_the_seed_alone():
    (_, first), (_, again), (_, other) = (detector_of(f"seed={seed}") for seed in (0, 0, 1))
    states = [detector.state_dict()["backbone.features.net.conv_stem.weight"] for detector in (first, again, other)]
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mobilenetv4_conv_smal", "did you mean 'mobilenetv4_conv_small'"),
        ("vit_tiny_patch16_224", "none at"),
        ("dla34", "expected sides of"),
        ("swin_tiny_patch4_window7_224", "swin_tiny_patch4_window7_224"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(name, said):
    with pytest.raises((GraphError, ConfigError), match=said):
        detector_of(f"timm.name={name}")


def test_a_sweep_over_backbones_plans_and_is_told_by_their_names(tmp_path):
    words = [*SMOKE, "backbone=timm", "timm.name=resnet10t,mobilenetv4_conv_small_035"]
    done = yololab("train", "-m", *words, f"runtime.root={tmp_path}", "study.name=s", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    header = (tmp_path / "s" / "table.csv").read_text().splitlines()[0]
    assert header.startswith("timm.name,mAP")

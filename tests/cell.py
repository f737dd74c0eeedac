"""What every combination of choices must do: build, train a step, reach every parameter, evaluate, deploy."""

from __future__ import annotations

import torch

from parts import nms
from yololab.assemble import build_detector, make_parts
from yololab.config.compose import compose
from yololab.metrics.nms import suppress
from yololab.structures import Targets


def targets():
    boxes = torch.tensor([[[6.0, 6, 30, 34], [20, 24, 60, 62]], [[10.0, 12, 50, 40], [0, 0, 0, 0]]])
    return Targets(boxes, torch.tensor([[0, 2], [1, 0]]), torch.tensor([[True, True], [True, False]]))


def check(overrides):
    config = compose(["scale=p", "num_classes=3", "image_size=64", *overrides])
    parts = make_parts(config)
    detector, criterion = build_detector(config, parts.num_classes), parts.loss
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(2, 3, 64, 64, generator=generator)
    branches = {name: detector.head.decode(maps, name) for name, maps in detector(images).items()}
    loss = criterion(branches, targets())
    loss.total.backward()
    assert torch.isfinite(loss.total)
    untouched = [name for name, p in detector.named_parameters() if p.requires_grad and p.grad is None]
    assert untouched == []
    detector.eval()
    deployed = detector.deploy()
    with torch.no_grad():
        expected, got = detector(images), deployed(images)
    torch.testing.assert_close(got.scores, expected.scores, rtol=1e-3, atol=1e-5)
    found = suppress(got, nms())
    assert all(torch.isfinite(image.boxes_xyxy).all() for image in found)
    assert not any(name.startswith("aux") for name in deployed.state_dict())
    return detector, deployed

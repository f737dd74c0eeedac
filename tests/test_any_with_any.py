"""The owner's grid: attention x position x head x loss x assigner, for each family.

Every combination builds, trains a step with a finite loss, reaches every parameter, evaluates and deploys.
`make test-slow` runs all of them, `make test` every ninth.
"""

from __future__ import annotations

import itertools

import pytest
import torch

from parts import choices, named, nms
from yololab.assemble import build_detector, make_parts
from yololab.config.compose import compose
from yololab.metrics.nms import suppress
from yololab.structures import Targets

GRID = list(
    itertools.product(
        ("yolov8", "yolov9", "yolov6"),
        ("cbam", "gam", "ca", "eca"),
        ("neck", "all_heads"),
        ("dual_ddetect", "effide"),
        ("ciou", "siou"),
        ("static", "simota"),
    )
)
EVERY = 9
CELLS = [
    pytest.param(*combination, id="-".join(combination), marks=[] if index % EVERY == 0 else [pytest.mark.slow])
    for index, combination in enumerate(GRID)
]


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


@pytest.mark.parametrize(("model", "attention", "place", "head", "loss", "assigner"), CELLS)
def test_every_cell_of_the_grid_trains_evaluates_and_deploys(model, attention, place, head, loss, assigner):
    check(
        [
            f"model={model}",
            f"attention={attention}",
            f"insert_pos={place}",
            f"head={head}",
            f"loss={loss}",
            f"assigner={assigner}",
        ]
    )


def test_the_grid_has_192_cells_and_the_sample_meets_every_choice():
    assert len(GRID) == 192
    sampled = GRID[::EVERY]
    for position in range(6):
        assert {choices[position] for choices in sampled} == {choices[position] for choices in GRID}


def beyond_the_grid(group, found):
    """Choices of conf/ that the grid does not have."""
    inside = {choice for cell in GRID for choice in cell}
    others = [choice for choice in found if choice not in inside]
    assert others, f"conf/{group}: the grid has everything"
    return others


@pytest.mark.parametrize("block", named("block"))
@pytest.mark.parametrize("model", ["yolov8", "yolov9", "yolov6"])
def test_any_block_builds_the_stages_of_any_family(model, block):
    check([f"model={model}", f"block={block}", "head=detect", "assigner=tal"])


@pytest.mark.parametrize("attention", beyond_the_grid("attention", named("attention")))
def test_the_other_attentions_fit_too(attention):
    check([f"attention={attention}", "insert_pos=all_heads", "scale.width=0.25"])


@pytest.mark.parametrize("loss", beyond_the_grid("loss", choices("loss")))
@pytest.mark.parametrize("assigner", beyond_the_grid("assigner", choices("assigner")))
def test_the_other_losses_and_assigners_fit_too(loss, assigner):
    check([f"loss={loss}", f"assigner={assigner}", "head=effide", "head.decode=grid_free"])

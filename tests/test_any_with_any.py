"""The owner's grid: attention x position x head x loss x assigner, for each family.

Every combination builds, trains a step with a finite loss, reaches every parameter, evaluates and deploys.
`make test-slow` runs all of them, `make test` every ninth.
"""

from __future__ import annotations

import itertools

import pytest

from cell import check
from parts import choices, named

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


@pytest.mark.parametrize("classes", ["focal", "quality_focal", "varifocal", "slide"])
def test_any_class_loss_trains(classes):
    check(["model=yolov8", f"loss.classes={classes}"])


ANY_BACKBONE = ("bifpn", "slim", "gfpn", "afpn")
"""Necks of no family of their own"""


@pytest.mark.parametrize("model", ["yolov8", "yolov6_3", "yolo11", "yolox"])
@pytest.mark.parametrize("neck", ANY_BACKBONE)
def test_a_neck_stands_on_the_backbone_of_every_family(neck, model):
    check([f"model={model}", f"neck={neck}", "attention=eca", "insert_pos=all_heads"])

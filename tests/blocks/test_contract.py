"""The contract of every stage of conf/block: on its own, and as the stages of every model."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from parts import SMALL, choices, make_block, make_detector, named
from yololab.blocks.base import deploy_children
from yololab.errors import GraphError
from yololab.graph.node import FeatureSpec


@pytest.mark.parametrize("choice", named("block"))
class TestContract:
    def test_out_spec_tells_the_shape_for_one_image_too(self, choice):
        block = make_block(choice).eval()
        spec = type(block).out_spec([FeatureSpec(16, 8)], channels=24, repeats=2)
        for batch in (2, 1):
            out = block(torch.rand(batch, 16, 12, 8))
            assert out.shape == (batch, spec.width, 12 * 8 // spec.stride, 8 * 8 // spec.stride)

    def test_every_parameter_gets_a_gradient(self, choice):
        block = make_block(choice)
        block(torch.rand(2, 16, 12, 8, requires_grad=True)).square().sum().backward()
        assert [name for name, p in block.named_parameters() if p.grad is None] == []

    def test_images_of_a_batch_do_not_mix(self, choice):
        block, x = make_block(choice).eval(), torch.rand(3, 16, 6, 6)
        torch.testing.assert_close(block(x)[1:2], block(x[1:2]), rtol=1e-4, atol=1e-5)

    def test_state_round_trips(self, choice):
        first, second, x = make_block(choice), make_block(choice), torch.rand(2, 16, 6, 6)
        for parameter in first.parameters():
            torch.nn.init.normal_(parameter, std=0.1)
        second.load_state_dict(first.state_dict())
        torch.testing.assert_close(first.eval()(x), second.eval()(x))

    def test_deployed_form_is_equal(self, choice):
        block, x = make_block(choice), torch.rand(2, 16, 12, 8)
        for _ in range(3):
            block(torch.rand(4, 16, 12, 8))
        expected = block.eval()(x)
        torch.testing.assert_close(deploy_children(block)(x), expected, rtol=1e-4, atol=1e-5)


WITHOUT_STAGES = ("yolov3", "yolov3_spp", "yolov3_tiny")
WHOLE = ("yolov6", "yolov8", "yolov9", "yolo26")
"""Models that meet every block; the others meet two"""


@pytest.mark.parametrize("model", WITHOUT_STAGES)
def test_a_model_without_stages_says_so(model):
    with pytest.raises(GraphError, match="has no node marked `stage: true` to exchange"):
        make_detector("block", "c2f", None, f"model={model}", *SMALL)


MET = [
    (block, model)
    for block, model in product(named("block"), choices("model"))
    if model not in WITHOUT_STAGES and (model in WHOLE or block in ("c2f", "c3k2"))
]


@pytest.mark.parametrize(("choice", "model"), MET)
def test_it_builds_the_stages_of_every_model(choice, model):
    detector = make_detector("block", choice, None, f"model={model}", *SMALL)
    stages = [node for node in detector.graph.nodes if node.stage]
    assert stages
    assert {type(detector.node(node.name)) for node in stages} == {type(make_block(choice))}


def test_default_is_the_only_choice_that_names_nothing():
    assert set(choices("block")) - set(named("block")) == {"default"}

from __future__ import annotations

import pytest
import torch

from yololab.heads import TaskAlignedDetect
from yololab.heads.base import class_bias
from yololab.heads.task_aligned import TaskLayers, agreed, resampled

STRIDES = (8, 16, 32)


@pytest.mark.parametrize("size", [0.5, 3.0, 12.0, 60.0])
def test_a_probability_is_the_geometric_mean_of_class_and_agreement(size):
    generator = torch.Generator().manual_seed(0)
    logits, agreement = (
        size * torch.randn(2, 3, 4, 4, generator=generator),
        size * torch.randn(2, 1, 4, 4, generator=generator),
    )
    found = agreed(logits, agreement)
    expected = (logits.double().sigmoid() * agreement.double().sigmoid()).sqrt()
    assert torch.isfinite(found).all()
    torch.testing.assert_close(found.sigmoid().double(), expected, rtol=1e-4, atol=1e-7)


def test_certainty_has_a_gradient():
    logits = torch.full((1, 1, 1, 1), 80.0, requires_grad=True)
    agreed(logits, torch.full((1, 1, 1, 1), 80.0)).sum().backward()
    assert torch.isfinite(logits.grad).all()


def test_without_offsets_distances_stay():
    distances = 5 * torch.rand(2, 4, 6, 7)
    torch.testing.assert_close(resampled(distances, torch.zeros(2, 8, 6, 7)), distances, rtol=1e-4, atol=1e-4)


def test_an_edge_is_taken_from_the_cell_that_the_offset_names():
    distances, offsets = 5 * torch.rand(1, 4, 6, 7), torch.zeros(1, 8, 6, 7)
    offsets[0, 5, 2, 3] = 2.0  # the right edge (side 2) of row 2, column 3: a row of 0, a column of 2 further
    found = resampled(distances, offsets)
    edge = 5 + distances[0, 2, 2, 5]  # of column 5
    assert float(found[0, 2, 2, 3]) == pytest.approx(float(edge - 3), abs=1e-4)
    offsets[0, 2, 4, 1] = -0.5  # the top edge (side 1) of row 4, column 1: half a row up
    top = (4 - distances[0, 1, 4, 1] + 3 - distances[0, 1, 3, 1]) / 2
    assert float(resampled(distances, offsets)[0, 1, 4, 1]) == pytest.approx(float(4 - top), abs=1e-4)


def test_a_task_gates_each_shared_layer_by_one_number():
    layers, shared = TaskLayers(8, 3), torch.rand(2, 24, 4, 4)
    gates = layers.gate(shared.mean((2, 3), keepdim=True))
    assert gates.shape == (2, 3, 1, 1)
    expected = layers.mix(torch.cat([gates[:, i : i + 1] * shared[:, 8 * i : 8 * i + 8] for i in range(3)], dim=1))
    torch.testing.assert_close(layers(shared), expected)


def test_it_begins_without_offsets_and_at_the_prior():
    head = TaskAlignedDetect((8, 16, 24), strides=STRIDES, num_classes=3, hidden=16)
    features = [torch.rand(1, c, 16 >> i, 16 >> i) for i, c in enumerate((8, 16, 24))]
    first = head(features)["main"].levels[0]
    x, seen = head.stems[0](features[0]), []
    for layer in head.shared:
        x = layer(x)
        seen.append(x)
    shared = torch.cat(seen, dim=1)
    torch.testing.assert_close(first[:, :4], head.box(head.for_boxes(shared)), rtol=1e-4, atol=1e-4)
    scores, prior = head.classes(head.for_classes(shared)).sigmoid(), torch.tensor(class_bias(3, 16)).sigmoid()
    torch.testing.assert_close(first[:, 4:].sigmoid(), (scores * prior).sqrt(), rtol=1e-3, atol=1e-7)


def test_mixed_precision_keeps_boxes():
    torch.manual_seed(0)
    distances, offsets = 5 * torch.rand(1, 4, 80, 80), torch.zeros(1, 8, 80, 80)
    found = resampled(distances.bfloat16(), offsets.bfloat16())
    torch.testing.assert_close(found, distances.bfloat16().float(), rtol=0, atol=1e-3)

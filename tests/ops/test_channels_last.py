from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from yololab.blocks.conv import Conv
from yololab.ops.channels_last import channels_last

NETWORK = nn.Sequential(Conv(3, channels=8, kernel_size=3), Conv(8, channels=16, stride=2), Conv(16, channels=8))
LAST = torch.channels_last


def is_last(tensor):
    return tensor.is_contiguous(memory_format=LAST) and not tensor.is_contiguous()


def test_weights_and_what_comes_out_have_their_channels_last_and_the_same_numbers():
    network, images = copy.deepcopy(NETWORK).eval(), torch.rand(2, 3, 8, 8)
    expected = network(images)
    found = channels_last(network)(images.to(memory_format=LAST))
    assert is_last(network[0].conv.weight)
    assert network[0](images.to(memory_format=LAST)).is_contiguous(memory_format=LAST)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("again", [channels_last, copy.deepcopy, lambda network: channels_last(copy.deepcopy(network))])
def test_a_strided_convolution_of_one_pixel_computes_in_the_usual_order(again):
    """In the other order oneDNN writes behind its weights' gradients: 1x1, stride 2, 8 channels is enough."""
    network, seen = again(channels_last(copy.deepcopy(NETWORK))), []
    strided = network[1].conv
    strided.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    network(torch.rand(2, 3, 8, 8).to(memory_format=LAST)).sum().backward()
    assert [value.is_contiguous() for value in seen] == [True]
    assert strided.weight.grad.is_contiguous()
    assert len(strided._forward_pre_hooks) == 2

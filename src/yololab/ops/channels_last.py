"""Channels last in memory: (N, C, H, W) tensors whose channels lie beside each other, as convolutions are fastest."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)


def channels_last(network: Network) -> Network:
    """`network` itself, its weights with channels last in memory; numbers and shapes stay.

    Strided convolutions of one pixel keep the usual order, their inputs too. oneDNN 3.13 (torch 2.15, CPU) writes
    behind the end of their weights' gradients in the other order, where they have fewer channels than a vector of the
    processor has: a 1x1 convolution of stride 2 from 8 to 16 channels is enough.
    """
    for module in network.modules():
        if _is_strided_point(module):
            if _in_usual_order not in module._forward_pre_hooks.values():
                module.register_forward_pre_hook(_in_usual_order)
            continue
        for parameter in module.parameters(recurse=False):
            if parameter.dim() == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network


def _is_strided_point(module: nn.Module) -> bool:
    return isinstance(module, nn.Conv2d) and set(module.kernel_size) == {1} and max(module.stride) > 1


def _in_usual_order(module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    # Of one channel, both orders are the same to `contiguous`, and only strides say which one oneDNN takes.
    return tuple(v.contiguous() if v.shape[1] > 1 else v.clone(memory_format=torch.contiguous_format) for v in inputs)

"""DynamicConv: a convolution whose kernel is mixed, per image, from several experts.

The default routes as CondConv does (arXiv:1904.04971, eq. 2): independent sigmoids of the pooled input, no bias.
`routing="softmax"` is Dynamic Convolution (arXiv:1912.03458, eq. 1-3): weights that sum to one, at a temperature that
falls from `temperature` to 1 over training (`set_progress`), so that early attention is nearly uniform.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from yololab.blocks.activation import make_activation
from yololab.blocks.base import Block
from yololab.blocks.conv import batch_norm, same_padding

ANNEALED_SHARE = 0.1
"""The temperature reaches 1 after this share of training (10 of the paper's 100 epochs)."""


class ExpertKernels(nn.Module):
    """`num_experts` kernels, one flattened row each."""

    def __init__(self, num_experts: int, kernel_shape: tuple[int, ...]) -> None:
        super().__init__()
        self.kernel_shape = kernel_shape
        self.weight = nn.Parameter(torch.empty(num_experts, torch.Size(kernel_shape).numel()))
        for expert in self.weight:
            nn.init.kaiming_uniform_(expert.data.view(kernel_shape), a=5**0.5)

    def forward(self, routing: Tensor) -> Tensor:
        """Weights (B, num_experts) -> mixed kernels (B * out, in / groups, k, k)."""
        mixed = routing @ self.weight
        return mixed.view(-1, *self.kernel_shape[1:])


class RoutedConv(nn.Module):
    """Pools the input, weighs the experts by it and convolves every image with its own kernel."""

    temperature: Tensor

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        kernel_size: int,
        stride: int,
        groups: int,
        num_experts: int,
        routing: str,
        temperature: float,
        padding: int | None = None,
        dilation: int = 1,
    ) -> None:
        super().__init__()
        if routing not in ("sigmoid", "softmax"):
            raise ValueError(f"routing must be 'sigmoid' or 'softmax', got {routing!r}")
        self.stride, self.groups, self.dilation = stride, groups, dilation
        self.padding = same_padding(kernel_size, dilation) if padding is None else padding
        self.sums_to_one = routing == "softmax"
        self.initial_temperature = temperature
        if self.sums_to_one:  # in the state dict: a trained model infers at the temperature it ended with
            self.register_buffer("temperature", torch.tensor(temperature))
        self.routing = nn.Linear(in_channels, num_experts)
        self.cond_conv = ExpertKernels(num_experts, (channels, in_channels // groups, kernel_size, kernel_size))

    def set_progress(self, progress: float) -> None:
        """Set the temperature for this share of training done, from 0 to 1."""
        if self.sums_to_one:
            share = min(progress / ANNEALED_SHARE, 1.0)
            self.temperature.fill_(self.initial_temperature + (1.0 - self.initial_temperature) * share)

    def expert_weights(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> weights of the experts (B, num_experts)."""
        logits = self.routing(x.mean(dim=(2, 3)))
        return torch.softmax(logits / self.temperature, dim=1) if self.sums_to_one else logits.sigmoid()

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H / stride, W / stride)."""
        batch, channels, height, width = x.shape
        kernels = self.cond_conv(self.expert_weights(x))
        folded = x.reshape(1, batch * channels, height, width)  # one group of channels per image
        groups = self.groups * batch
        y = F.conv2d(folded, kernels.to(x.dtype), None, self.stride, self.padding, self.dilation, groups)
        return y.view(batch, -1, y.shape[2], y.shape[3])


class DynamicConv(Block):
    """RoutedConv + BatchNorm2d + activation. The kernel differs per image, so nothing can be folded."""

    def __init__(
        self,
        in_channels: int,
        *,
        channels: int,
        kernel_size: int = 1,
        stride: int = 1,
        padding: int | None = None,
        groups: int = 1,
        dilation: int = 1,
        num_experts: int = 4,
        routing: str = "sigmoid",
        temperature: float = 30.0,
        activation: str = "silu",
    ) -> None:
        super().__init__()
        routed = RoutedConv(
            in_channels,
            channels=channels,
            kernel_size=kernel_size,
            stride=stride,
            padding=padding,
            groups=groups,
            dilation=dilation,
            num_experts=num_experts,
            routing=routing,
            temperature=temperature,
        )
        self.conv = nn.Sequential(routed, batch_norm(channels), make_activation(activation))

    def forward(self, x: Tensor) -> Tensor:
        """(B, in_channels, H, W) -> (B, channels, H / stride, W / stride)."""
        return self.conv(x)

"""Floating-point operations of whatever runs inside, by torch's own formulas: 2 per multiply-add.

torch.utils.flop_counter.FlopCounterMode gives the same numbers. It also keeps them by module and takes batch norm
apart in Python, which a sum does not need: most of the time of counting. torch knows no formula for torchvision's
deformable convolution, which counts as the convolution that it is; sampling counts nothing, as elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

UNCOUNTED = (nn.BatchNorm2d, nn.SiLU, nn.ReLU, nn.LeakyReLU, nn.Hardswish, nn.Sigmoid, nn.Hardsigmoid, nn.Identity)
"""Modules that keep shapes and for which torch counts nothing"""


def _deform_conv(x: Tensor, weight: Tensor, *_: Any, out_val: Tensor, **__: Any) -> int:
    return 2 * out_val.numel() * weight[0].numel()


FORMULAS = {"torchvision::deform_conv2d": _deform_conv}
"""By name: torchvision takes two seconds to import, and is only imported where it is used"""


class FlopCounter(TorchDispatchMode):
    """Sums up in `total` while it is entered, and in `products` what batched matrix products have of it. Composite
    operators count as what they consist of, outside inference mode."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0
        self.products = 0

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Run an operator and count it."""
        given, packet = dict(kwargs or {}), func._overloadpacket
        found = func(*args, **given)
        formula = flop_registry.get(packet) or FORMULAS.get(packet._qualified_op_name)
        if formula is not None:
            count = formula(*args, **given, out_val=found)
            self.total += count
            self.products += count if packet is torch.ops.aten.bmm else 0
        return found


@contextmanager
def passing_what_counts_nothing(network: nn.Module) -> Iterator[None]:
    """Let batch norms and activations of `network` hand on what they get: for counting on the meta device."""
    passed = [module for module in network.modules() if type(module) in UNCOUNTED and "forward" not in vars(module)]
    for module in passed:
        module.forward = _same  # type: ignore[method-assign]
    try:
        yield
    finally:
        for module in passed:
            del module.forward


def _same(x: Tensor) -> Tensor:
    return x

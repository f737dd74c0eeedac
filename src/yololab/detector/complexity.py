"""Parameters and GFLOPs, said with their form and their convention.

True counts are torch's: 2 per multiply-add of convolutions and matrix products. The
references print 2 x thop's multiply-adds instead. thop counts modules, so its faults are reproduced here and named:
a functional convolution (every dynamic convolution) counts nothing, a transposed convolution counts stride^2 times
too much, batch norm counts 4 per element, nearest upsampling and average pooling count too.
The references measure at 32x32 pixels and multiply by the area, which over-counts whatever does not scale with it
(global pooling and what follows); `gflops_reference` is thop's count at the real size, `gflops_printed` theirs.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from yololab.blocks.pooling import AveragePool
from yololab.detector import Detector
from yololab.graph.node import HEAD
from yololab.ops.flops import FlopCounter, passing_what_counts_nothing

REFERENCE_SIZE = 640
PRINTED_SIZE = 32
"""Or the largest stride"""


@dataclass(frozen=True)
class NodeRow:
    """One node of the training form."""

    name: str
    block: str
    shape: tuple[int, ...]
    """(C, H, W) of the output at the run's image size; of the first map where there are several"""
    parameters: int
    gflops: float


@dataclass(frozen=True)
class Complexity:
    """Counts of one configuration. GFLOPs at `image_size` unless the name says 640."""

    image_size: int
    params_train: int
    params_trainable: int
    params_deploy: int
    gflops_train: float
    gflops_deploy: float
    gflops_train_640: float
    gflops_deploy_640: float
    gflops_reference: float
    """thop's convention, training form, at 640"""
    gflops_printed: float
    """As YOLOv9 and ultralytics up to 8.2 print it: thop's convention, training form, measured at 32 and scaled"""
    gflops_printed_84: float
    """As ultralytics 8.4 prints it: thop's convention at 640 without upsampling, transposed convolutions counted once,
    and the matrix products of attention"""
    fingerprint: str

    def to_dict(self) -> dict[str, Any]:
        """All numbers by name."""
        return dict(vars(self))


def count_parameters(module: nn.Module, trainable: bool = False) -> int:
    """Numbers in all parameters, or in those with gradients."""
    return sum(p.numel() for p in module.parameters() if p.requires_grad or not trainable)


def measure(detector: Detector, image_size: int) -> Complexity:
    """Count a detector in both forms; computed on the meta device, so it costs no arithmetic."""
    train = on_meta(detector)
    deploy = train.deploy()
    with FlopCounter() as counter:
        _run_all_branches(train, REFERENCE_SIZE)
    reference, corrected = thop_counts(train, REFERENCE_SIZE)
    printed_size = max(PRINTED_SIZE, train.max_stride)
    return Complexity(
        image_size=image_size,
        params_train=count_parameters(train),
        params_trainable=count_parameters(train, trainable=True),
        params_deploy=count_parameters(deploy),
        gflops_train=gflops(train, image_size),
        gflops_deploy=gflops(deploy, image_size),
        gflops_train_640=counter.total / 1e9,
        gflops_deploy_640=gflops(deploy, REFERENCE_SIZE),
        gflops_reference=reference,
        gflops_printed=thop_counts(train, printed_size)[0] * (REFERENCE_SIZE / printed_size) ** 2,
        gflops_printed_84=corrected + counter.products / 1e9,
        fingerprint=detector.fingerprint,
    )


def on_meta(detector: Detector) -> Detector:
    """A copy without memory, in eval mode."""
    if next(detector.parameters()).device.type == "meta":
        return detector.eval()
    with torch.device("meta"):
        memo = {id(t): torch.empty_like(t, device="meta") for t in [*detector.parameters(), *detector.buffers()]}
        for parameter in detector.parameters():
            memo[id(parameter)] = nn.Parameter(memo[id(parameter)], requires_grad=parameter.requires_grad)
    return copy.deepcopy(detector, memo).eval()


def _run_all_branches(detector: Detector, size: int) -> None:
    """Every branch is decoded, as the references do when they count; of a one-to-one head only the one that answers."""
    image = torch.empty(1, 3, size, size, device=next(detector.parameters()).device)
    with torch.no_grad(), passing_what_counts_nothing(detector) if image.is_meta else nullcontext():
        for branch, maps in detector.maps(image).items():
            if branch == detector.head.answer or not detector.head.shares_features:
                detector.head.decode(maps, branch)


def gflops(detector: Detector, size: int) -> float:
    """True GFLOPs of one image of `size` x `size` pixels, all branches included."""
    with FlopCounter() as counter:
        _run_all_branches(detector, size)
    return counter.total / 1e9


def node_rows(detector: Detector, size: int) -> list[NodeRow]:
    """One row per node, the head last."""
    detector = on_meta(detector)
    counts: dict[str, int] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    counter = FlopCounter()
    started: dict[str, int] = {}
    hooks = []
    for name in detector.graph.names:
        module = detector.node(name)

        def before(_: nn.Module, __: Any, name: str = name) -> None:
            started[name] = counter.total

        def after(_: nn.Module, __: Any, output: Any, name: str = name) -> None:
            counts[name] = counter.total - started[name]
            first = _first_tensor(output)
            shapes[name] = tuple(first.shape[1:]) if first is not None else ()

        hooks += [module.register_forward_pre_hook(before), module.register_forward_hook(after)]
    with counter:
        _run_all_branches(detector, size)
    for hook in hooks:
        hook.remove()
    decoding = counter.total - sum(counts.values())
    counts[HEAD] += decoding
    return [
        NodeRow(
            node.name,
            node.block.rpartition(".")[2],
            shapes[node.name],
            count_parameters(detector.node(node.name)),
            counts[node.name] / 1e9,
        )
        for node in detector.graph.nodes
    ]


def _first_tensor(output: Any) -> Tensor | None:
    while not isinstance(output, Tensor):
        if isinstance(output, dict):
            output = list(output.values())[-1]
        elif isinstance(output, tuple | list) and output:
            output = output[0]
        else:
            return None
    return output


def thop_counts(detector: Detector, size: int) -> tuple[float, float]:
    """2 x thop's multiply-adds of one image in 10^9, every branch decoded; and the same as ultralytics has it since
    8.4, without upsampling and with transposed convolutions counted once."""
    total, corrected = 0.0, 0.0
    hooks = []

    def counting(rule: Callable[[Any, Tensor, Tensor], float]) -> Callable[..., None]:
        def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            nonlocal total, corrected
            count = rule(module, inputs[0], output)
            total += count
            if isinstance(module, nn.ConvTranspose2d):
                count *= inputs[0].shape[-1] * inputs[0].shape[-2] / (output.shape[-1] * output.shape[-2])
            corrected += 0.0 if isinstance(module, nn.Upsample) else count

        return hook

    for module in detector.modules():
        rule = THOP_RULES.get(type(module))
        if rule is not None:
            hooks.append(module.register_forward_hook(counting(rule)))
    _run_all_branches(detector, size)
    for hook in hooks:
        hook.remove()
    return 2 * total / 1e9, 2 * corrected / 1e9


def _convolution(module: Any, _: Tensor, output: Tensor) -> float:
    return output.numel() * (module.in_channels // module.groups) * module.weight.shape[2:].numel()


def _pooling(_: Any, source: Tensor, output: Tensor) -> float:
    return output.numel() * (source.numel() / output.numel() + 1)


THOP_RULES: dict[type[nn.Module], Callable[[Any, Tensor, Tensor], float]] = {
    nn.Conv1d: _convolution,
    nn.Conv2d: _convolution,
    nn.ConvTranspose2d: _convolution,
    nn.BatchNorm2d: lambda module, source, output: 4 * source.numel(),
    nn.Linear: lambda module, source, output: module.in_features * output.numel(),
    nn.Upsample: lambda module, source, output: output.numel(),
    AveragePool: _pooling,
}

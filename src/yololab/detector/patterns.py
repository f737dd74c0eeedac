"""Parameters by pattern: which are frozen, which learn at a rate of their own.

A pattern is that of a shell: "backbone.*", "head", "neck.td?.cv1". It names a parameter, or a node or module with all
that is below it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase

from torch import nn

from yololab.errors import ConfigError, did_you_mean


def matching(model: nn.Module, pattern: str, key: str) -> list[str]:
    """Names of the parameters that a pattern means. ConfigError, which begins with `key`, where there are none."""
    names = [name for name, _ in model.named_parameters()]
    found = [name for name in names if fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}.*")]
    if not found:
        nodes = {".".join(name.split(".")[:2]) for name in names} | {name.split(".")[0] for name in names}
        raise ConfigError(f"{key}: {pattern!r} matches no parameter{did_you_mean(pattern, nodes)}")
    return found


def freeze_(model: nn.Module, patterns: Sequence[str]) -> list[str]:
    """Let parameters stay as they are; names of those that do. ConfigError where nothing would be left to train."""
    found = {name for pattern in patterns for name in matching(model, str(pattern), "recipe.freeze")}
    for name in found:
        model.get_parameter(name).requires_grad_(False)
    if found and not any(parameter.requires_grad for parameter in model.parameters()):
        raise ConfigError(f"recipe.freeze={list(patterns)}: nothing would be left to train")
    return sorted(found)


def frozen_norms(model: nn.Module) -> list[nn.Module]:
    """Batch norms all of whose parameters are frozen: their statistics must stay too."""
    norms = [module for module in model.modules() if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    return [norm for norm in norms if norm.affine and not any(p.requires_grad for p in norm.parameters())]


def rate_factors(model: nn.Module, factors: Mapping[str, float] | None) -> dict[str, float]:
    """By parameter, the share of the learning rate where that is not 1; of several patterns the last counts."""
    found: dict[str, float] = {}
    for pattern, factor in (factors or {}).items():
        found |= dict.fromkeys(matching(model, str(pattern), "recipe.lr_factors"), float(factor))
    return {name: factor for name, factor in found.items() if factor != 1}

"""Arguments of rows, checked before a block sees them: whole numbers where sizes are meant, none beyond sense."""

from __future__ import annotations

from typing import Any

from yololab.errors import ConfigError

MOST = {
    **dict.fromkeys(("channels", "hidden", "inner", "splits"), 65536),
    **dict.fromkeys(("kernel_size", "kernel_sizes", "stride", "dilation", "factor", "pools", "repeats"), 128),
    **dict.fromkeys(("groups", "num_heads", "padding", "area", "encoder", "reach", "local_size"), 4096),
}
"""Names of sizes, with the largest that is believed"""
FROM_ZERO = ("padding",)
BELOW_ONE = ("energy_lambda",)
"""Small numbers; a width in their place is another port's"""
MANY = ("kernel_sizes", "splits", "padding")
"""Sizes of which a row may have a list"""


def checked(place: str, name: str, value: Any) -> Any:
    """The value as our blocks take it. ConfigError, naming the row, where it is no such number."""
    if isinstance(value, str) and name not in ("style", "mode"):
        raise ConfigError(f"{place}: {name}={value!r}: expected a number")
    value = list(value) if isinstance(value, tuple) else value
    if name in BELOW_ONE and not (isinstance(value, float) and 0 < value < 1):
        raise ConfigError(f"{place}: {name}={value!r}: expected a number between 0 and 1; leave a width out")
    if name in MOST and value is not None:
        single = [value] if not isinstance(value, list) or name not in MANY else _flat(value)
        for one in single:
            if not isinstance(one, int) or isinstance(one, bool) or not (name not in FROM_ZERO) <= one <= MOST[name]:
                raise ConfigError(f"{place}: {name}={value!r}: expected a whole number of at most {MOST[name]}")
    return value


def activation_of(value: Any) -> str:
    """Our name of an activation; True is the reference's default, SiLU."""
    if isinstance(value, bool) or value is None:
        return "silu" if value else "identity"
    name = str(value).removeprefix("torch.").removeprefix("nn.").partition("(")[0].lower()
    if name not in ("silu", "relu", "hardswish", "identity"):
        raise ConfigError(f"activation {value!r}: not known here; known are SiLU, ReLU, Hardswish, Identity")
    return name


def _flat(value: list[Any]) -> list[Any]:
    return [inner for one in value for inner in (_flat(list(one)) if isinstance(one, list | tuple) else [one])]

"""Numbers that are none: nan compares with nothing, so ranges let it through, and inf is within many. Text with NUL."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from yololab.errors import ConfigError


def require_finite(config: Any, infinity: bool = False, key: str = "") -> None:
    """No number is NaN or, unless `infinity` is allowed, infinite, no text holds NUL; else ConfigError by key."""
    if isinstance(config, Mapping):
        for name, value in config.items():
            require_finite(value, infinity, f"{key}.{name}" if key else str(name))
    elif isinstance(config, Sequence) and not isinstance(config, str):
        for index, value in enumerate(config):
            require_finite(value, infinity, f"{key}[{index}]")
    elif isinstance(config, str) and "\0" in config:
        raise ConfigError(f"{key}={config!r:.80}: text without a NUL character is expected")
    elif isinstance(config, float) and (math.isnan(config) or (math.isinf(config) and not infinity)):
        raise ConfigError(f"{key}={config}: expected a finite number")

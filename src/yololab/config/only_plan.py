"""Whether a sweep's command asks for its plan alone."""

from __future__ import annotations

from collections.abc import Sequence

from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig


def asks_for_plan(config: DictConfig, arguments: Sequence[str]) -> bool:
    """plan=true, wherever it stands."""
    given = [o for o in OverridesParser.create().parse_overrides(list(arguments)) if o.key_or_group == "plan"]
    return bool(given[-1].value()) if given else bool(config.plan)

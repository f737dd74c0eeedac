"""Other data, other thresholds: what may be changed of a trained run's configuration without making it another run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from yololab.config.check import check
from yololab.config.compose import compose
from yololab.config.identity import flat
from yololab.config.trust import trust_of, with_trust
from yololab.errors import ConfigError, did_you_mean

CHANGEABLE = ("data", "recipe.evaluation", "recipe.batch_size", "image_size")
"""Keys, with all that is below them, that say what a detector is judged on and how"""


def changed(config: Mapping[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    """The configuration with `overrides`: a data set by name (data=yolo data.root=...) or single keys.

    ConfigError for what would make the detector another one, or does not exist.
    """
    keys = [text.partition("=")[0].lstrip("+") for text in overrides]
    for key, text in zip(keys, overrides, strict=True):
        _require_changeable(key, text)
    found = {**config}
    if "data" in keys:
        of_data = [text for key, text in zip(keys, overrides, strict=True) if _is_below(key, "data")]
        fresh = compose(of_data)
        found = with_trust({**found, "data": fresh["data"]}, [*trust_of(config), *trust_of(fresh)])
        overrides = [text for text in overrides if text not in of_data]
    return _merged(found, overrides) if overrides else found


def _require_changeable(key: str, text: str) -> None:
    if "=" not in text:
        raise ConfigError(f"{text}: expected key=value, such as data.root=/path/to/data")
    if not any(_is_below(key, name) for name in CHANGEABLE):
        raise ConfigError(f"{text}: the detector is trained; what can change is {', '.join(CHANGEABLE)}")


def _is_below(key: str, name: str) -> bool:
    return key == name or key.startswith(f"{name}.")


def _merged(config: dict[str, Any], overrides: Sequence[str]) -> dict[str, Any]:
    try:
        own = OmegaConf.from_dotlist(list(overrides))
        known = flat(config)
        for key in flat(OmegaConf.to_container(own)):
            if key not in known:
                raise ConfigError(f"{key}: there is no such key{did_you_mean(key, known)}")
        merged: Any = OmegaConf.to_container(OmegaConf.merge(config, own))
    except (OmegaConfBaseException, YAMLError) as error:
        raise ConfigError(f"{' '.join(overrides)}: {str(error).splitlines()[0]}") from error
    check(merged)
    return merged

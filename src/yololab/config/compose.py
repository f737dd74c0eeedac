"""Composing conf/train.yaml with overrides, outside of a Hydra application; resolving what Hydra has composed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra import initialize_config_dir
from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from yololab.config.check import check
from yololab.config.explain import explain
from yololab.config.place import conf_dir
from yololab.config.trust import foreign, modules_of, trust_of, with_trust
from yololab.errors import ConfigError, YololabError


def compose(overrides: Sequence[str], config_dir: str | None = None) -> dict[str, Any]:
    """The configuration of command-line overrides, resolved and checked; as train.py would have it.

    `config_dir` is a further folder of YAML, as Hydra's --config-dir. ConfigError names the nearest choice or key.
    """
    with config_loader(config_dir) as loader:
        cfg = loader.load_configuration("train", list(overrides), run_mode=RunMode.RUN)
        return resolve(cfg, overrides)


def resolve(cfg: DictConfig, overrides: Sequence[str]) -> dict[str, Any]:
    """Plain dicts and lists of a composed configuration, resolved and checked: below here nothing knows OmegaConf.

    It allows the packages of the classes that `overrides` themselves name.
    """
    config = {str(key): _resolved(cfg, str(key)) for key in cfg if key != "hydra"}
    check(config)
    return allowing_named(config, OverridesParser.create().parse_overrides(list(overrides)))


def allowing_named(config: Mapping[str, Any], overrides: Iterable[Override]) -> dict[str, Any]:
    """The configuration, allowing also the modules of the classes that a command line names: who types it allows it."""
    named: list[str] = []
    for override in overrides:
        content = override.value() if not override.is_delete() and not override.is_sweep_override() else None
        for part in reversed(override.key_or_group.split(".")):
            content = {part: content}
        named += modules_of(foreign(content).values())
    return with_trust(config, [*trust_of(config), *named])


def _resolved(cfg: DictConfig, key: str) -> Any:
    try:
        value = cfg[key]
        return OmegaConf.to_container(value, resolve=True) if OmegaConf.is_config(value) else value
    except OmegaConfBaseException as error:
        raise ConfigError(explain(error) or str(error)) from error


@contextmanager
def config_loader(config_dir: str | None = None) -> Iterator[ConfigLoader]:
    """Hydra's loader over conf/ and `config_dir`; errors of composing inside are explained as ConfigError."""
    GlobalHydra.instance().clear()
    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        loader: Any = GlobalHydra.instance().config_loader()
        if config_dir is not None:
            _add_to_search_path(loader, config_dir)
        try:
            yield loader
        except Exception as error:
            message = None if isinstance(error, YololabError) else explain(error)
            if message is None:
                raise
            raise ConfigError(message) from error


def _add_to_search_path(loader: Any, config_dir: str) -> None:
    folder = Path(config_dir).absolute()
    if not folder.is_dir():
        raise ConfigError(f"--config-dir {config_dir}: no such folder")
    path = loader.get_search_path()
    path.prepend("command-line", f"file://{folder}", anchor="schema")  # Hydra wants its schemas last
    loader.repository.initialize_sources(path)

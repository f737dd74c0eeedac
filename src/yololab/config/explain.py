"""Hydra's and OmegaConf's errors in one or two lines that name the nearest valid choice or key."""

from __future__ import annotations

import re
from pathlib import Path

from hydra.errors import HydraException, OverrideParseException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from yololab.config.place import conf_dir
from yololab.config.words import answer
from yololab.errors import did_you_mean


def explain(error: BaseException) -> str | None:
    """A short message for an error of the configuration; None for any other error."""
    if isinstance(error, ValueError) and "group override must be a string" in str(error):
        kind = str(error).rpartition("Got ")[2]
        return (
            f"the choice of a group was read as {KINDS.get(kind, kind)}: choices are text; write one that looks "
            "otherwise in quotes, as in 'attention=\"1e5\"', and nothing at all as attention=none"
        )
    if not isinstance(error, HydraException | OmegaConfBaseException):
        return _broken_hydra(error)
    if isinstance(error, OverrideParseException):
        return _unreadable(str(error.override), str(error))
    texts = []
    cause: BaseException | None = error
    while cause is not None and len(texts) < 5:
        texts.append(str(cause))
        cause = cause.__cause__ or cause.__context__
    text = "\n".join(texts)
    kinds = (_several_values, _wrong_choice, _wrong_group, _added_twice, _wrong_key)
    return next((told for kind in kinds if (told := kind(text))), None) or _plain(texts[0])


FILES = {
    "model": "a model is a name, as in model=yolov8 scale=n; a file of weights is given as weights=FILE",
    "data": "a data set is a format and a place, as in data=yolo data.root=/path/to/data.yaml",
}
KINDS = {"NoneType": "nothing", "float": "a number", "int": "a number", "bool": "true or false"}
RENAMED = {"runtime.cell": "runtime.folder"}
"""Keys of earlier versions and what they are called now."""
EXTRAS = {
    "launcher/ray": "ray",
    "launcher/submitit_slurm": "slurm",
    "launcher/submitit_local": "slurm",
    "sweeper/optuna": "optuna",
}
"""Choices of hydra/... that come with an optional package."""


def _broken_hydra(error: BaseException) -> str | None:
    """Of an error that Hydra itself runs into: a choice that is a list, an empty one."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or not isinstance(error, TypeError | KeyError | ValueError | AttributeError):
        return None
    if str(trace.tb_frame.f_globals.get("__name__")).partition(".")[0] not in ("hydra", "omegaconf"):
        return None
    reason = f"the overrides cannot be composed ({_plain(str(error))})"
    return f"{reason}; a group's choice is one name, as in attention=cbam"


def _unreadable(override: str, text: str) -> str:
    """Of an override that is not of Hydra's grammar."""
    if override.rstrip().endswith(","):
        return f"{override} ends with a comma: a blank ends a word, so write values without any, as in key=a,b"
    if "=" not in override:
        return f"{override}: expected key=value; a blank ends a word, so write values without any, as in key=a,b"
    return f"{override}: {_plain(text)}"


def _wrong_choice(text: str) -> str | None:
    for choice, extra in EXTRAS.items():
        if f"Could not find 'hydra/{choice}'" in text or f"could not find 'hydra/{choice}'" in text.lower():
            return f"hydra/{choice.replace('/', '=')} is not installed: pip install 'yololab[{extra}]'"
    found = re.search(r"Could not find '([\w-]+)/([^']+)'", text)
    if not found:
        return None
    group, choice = found.groups()
    options = re.search(rf"Available options in '{re.escape(group)}':\s*\n((?:\t.+\n?)+)", text)
    names = [line.strip() for line in options.group(1).splitlines()] if options else []
    if choice.endswith((".pt", ".yaml", ".yml")):
        return f"{group}={choice}: {FILES.get(group, 'choices are names, not files')}; choices: {', '.join(names)}"
    shown = f"{did_you_mean(choice, names)} Choices of {group}: {', '.join(names)}"
    return f"{group}={choice}: there is no such choice{shown if names else ''}"


def _wrong_group(text: str) -> str | None:
    found = re.search(r"Could not override '([^'@]+)(?:@[^']*)?'\.?\s*No match in the defaults list", text)
    if not found:
        return None
    return f"{found.group(1)}: there is no such group{did_you_mean(found.group(1), _groups())}"


def _added_twice(text: str) -> str | None:
    found = re.search(r"Could not append to config\. An item is already at '([^']+)'", text)
    if not found:
        return None
    key = found.group(1)
    group = key.partition(".")[0]
    if key.endswith("._target_"):
        other = f"a chosen {group} has its own: write {group}=none {key}=... without +"
        return f"+{key}: {other}" if (conf_dir() / group / "none.yaml").is_file() else f"+{key}: write it without +"
    return f"+{key}: the key is there already: write it without +"


def _wrong_key(text: str) -> str | None:
    found = re.search(r"Could not override '([^']+)'", text) or re.search(r"Could not append .*'([^']+)'", text)
    if not found:
        return None
    key = found.group(1)
    if key in RENAMED:
        return f"{key} is called {RENAMED[key]} now"
    brought = answer(key)
    if brought is not None:
        return brought
    owners = _owners(key)
    if owners:
        group = key.partition(".")[0]
        return f"{key}: the chosen {group} has no such key; it belongs to {group}={', '.join(owners)}: add one of them"
    advice = "" if "not in struct" in text or "is not in" in text else f" ({text.splitlines()[-1].strip()})"
    names = [*known_keys(), *_groups()]
    return (
        f"{key}: there is no such key{did_you_mean(key, names) if advice == '' else advice}"
        f" To add a key that a chosen part takes but its YAML does not list, write ++{key}=..."
    )


def _several_values(text: str) -> str | None:
    found = re.search(r"Ambiguous value for argument '([^']+)'", text)
    if not found:
        return None
    key, _, values = found.group(1).partition("=")
    return f"{found.group(1)}: several values are a sweep: add -m before it; a list is written {key}=[{values}]"


def _owners(key: str) -> list[str]:
    """Choices of a key's group that have it; none for keys of train.yaml itself."""
    group, _, inner = key.partition(".")
    if not inner or group not in _groups():
        return []
    return [path.stem for path in sorted((conf_dir() / group).glob("*.yaml")) if key in _keys_of(path)]


def _plain(text: str) -> str:
    return " ".join(line.strip() for line in text.splitlines() if line.strip())[:600]


def _groups() -> list[str]:
    return [path.name for path in conf_dir().iterdir() if path.is_dir() and path.name != "hydra"]


def known_keys() -> list[str]:
    """Dotted keys of train.yaml and of every choice of every group."""
    keys: dict[str, None] = {}
    root = OmegaConf.load(conf_dir() / "train.yaml")
    assert isinstance(root, DictConfig)
    _collect(root, "", keys)
    for group in _groups():
        for path in (conf_dir() / group).glob("*.yaml"):
            keys |= _keys_of(path)
    return [key for key in keys if not key.startswith(("hydra", "defaults")) and ".nodes." not in key]


def _keys_of(path: Path) -> dict[str, None]:
    """Dotted keys that a choice's file sets."""
    keys: dict[str, None] = {}
    content = OmegaConf.load(path)
    if isinstance(content, DictConfig):
        is_global = "@package _global_" in path.read_text()
        _collect(content, "" if is_global else f"{path.parent.name}.", keys)
    return keys


def _collect(node: DictConfig, prefix: str, keys: dict[str, None]) -> None:
    for key, value in node.items_ex(resolve=False):
        name = f"{prefix}{key}"
        if not name.endswith("_target_"):
            keys[name] = None
        if isinstance(value, DictConfig):
            _collect(value, f"{name}.", keys)

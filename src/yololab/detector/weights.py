"""Starting from a checkpoint: read without executing anything in it, renamed to nodes, transferred with a report.

Our own checkpoints and plain state dicts are read by `torch.load(weights_only=True)`. Official YOLOv6, YOLOv8 and
YOLOv9 files pickle whole model objects; they go through an unpickler that knows tensors and containers and turns every
other class or function into an inert shell, whose tensors are then collected.
"""

from __future__ import annotations

import json
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

from yololab.errors import ConfigError

ALLOWED = {
    ("collections", "OrderedDict"),
    ("torch", "Size"),
    ("torch._utils", "_rebuild_tensor_v2"),
    ("torch._utils", "_rebuild_parameter"),
    ("torch.nn.parameter", "Parameter"),
    *(("torch", f"{kind}Storage") for kind in ("Float", "Half", "Double", "BFloat16", "Long", "Int", "Byte", "Bool")),
}
"""All that an official checkpoint may call; whatever else it names becomes a Shell."""
MODEL_KEYS = ("ema", "model")
"""Where official checkpoints keep their model, the averaged one first."""


class Shell:
    """Stands for any class or function of a pickle: takes everything, does nothing, remembers its state."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.state: Any = None

    def __call__(self, *arguments: Any, **options: Any) -> Shell:
        """Whatever a pickled callable would have made."""
        return Shell()

    def __setstate__(self, state: Any) -> None:
        self.state = state

    def __setitem__(self, key: Any, value: Any) -> None:
        """Content of a pickled mapping."""

    def append(self, value: Any) -> None:
        """Content of a pickled list."""

    def extend(self, values: Any) -> None:
        """Content of a pickled list."""

    def add(self, value: Any) -> None:
        """Content of a pickled set."""


class TensorUnpickler(pickle.Unpickler):
    """Yields tensors and containers, Shells for everything else."""

    def find_class(self, module: str, name: str) -> Any:
        """Only what ALLOWED lists is real."""
        return super().find_class(module, name) if (module, name) in ALLOWED else Shell


def read_checkpoint(path: Path) -> dict[str, Tensor]:
    """All tensors of a checkpoint by name, as float32 where they are floats; the averaged model where there is one.

    Raises ConfigError for a file that is missing or holds no model.
    """
    if not path.is_file():
        raise ConfigError(f"weights={path}: no such file")
    _refuse_programs(path)
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError):
        content = _load_tensors_only(path)
    state = _state_of(content)
    if not state:
        raise ConfigError(
            f"weights={path}: found no model in it; expected a yololab, YOLOv6, YOLOv8 or YOLOv9 checkpoint"
        )
    return {name: value.float() if value.is_floating_point() else value for name, value in state.items()}


def _refuse_programs(path: Path) -> None:
    """ConfigError for TorchScript, which torch would run whatever unpickler it is given."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.partition("/")[2] for name in archive.namelist()}
    except (OSError, zipfile.BadZipFile) as error:
        raise ConfigError(f"weights={path}: cannot be read as a checkpoint: {error}") from error
    if "constants.pkl" in names or any(name.startswith("code/") for name in names):
        raise ConfigError(
            f"weights={path}: a TorchScript archive, which holds code that reading it would run; save the model's "
            "state_dict instead"
        )


def _load_tensors_only(path: Path) -> Any:
    def load(stream: Any, **options: Any) -> Any:  # torch calls it for files of its oldest formats
        return TensorUnpickler(stream, **options).load()

    reader = SimpleNamespace(Unpickler=TensorUnpickler, load=load, __name__="yololab_tensors_only")
    try:
        return torch.load(path, map_location="cpu", weights_only=False, pickle_module=reader)
    except Exception as error:  # a broken or foreign file can fail anywhere in the unpickler
        raise ConfigError(f"weights={path}: cannot be read as a checkpoint: {error}") from error


def _state_of(content: Any) -> dict[str, Tensor]:
    if isinstance(content, Shell):
        return _tensors_of(content)
    if not isinstance(content, Mapping):
        return {}
    if "state_dict" in content:
        return _own_state(content["state_dict"])
    for key in MODEL_KEYS:
        found = content.get(key)
        state = _tensors_of(found) if isinstance(found, Shell) else _plain(found)
        if state:
            return state
    return _plain(content)


def _plain(content: Any) -> dict[str, Tensor]:
    if not isinstance(content, Mapping):
        return {}
    return {str(key): value for key, value in content.items() if isinstance(value, Tensor)}


def _own_state(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The averaged detector of a yololab checkpoint, or the trained one where none was averaged."""
    for prefix in ("ema.model.", "detector."):
        found = {key[len(prefix) :]: value for key, value in state.items() if key.startswith(prefix)}
        if found:
            return found
    return _plain(state)


def _tensors_of(shell: Shell, prefix: str = "") -> dict[str, Tensor]:
    """Parameters and buffers of a pickled module, at any depth, as its state dict names them."""
    state = shell.state
    if isinstance(state, tuple):  # (dict, slots)
        state = state[0]
    if not isinstance(state, Mapping):
        return {}
    found: dict[str, Tensor] = {}
    hidden = state.get("_non_persistent_buffers_set") or ()
    for kind in ("_parameters", "_buffers"):
        for name, value in (state.get(kind) or {}).items():
            if isinstance(value, Tensor) and not (isinstance(hidden, set) and name in hidden):
                found[prefix + name] = value.detach()
    for name, child in (state.get("_modules") or OrderedDict()).items():
        if isinstance(child, Shell):
            found |= _tensors_of(child, f"{prefix}{name}.")
    return found


def translate(state: Mapping[str, Tensor], names: Mapping[str, str]) -> dict[str, Tensor]:
    """Keys of an official checkpoint as ours: the longest prefix that `names` lists is exchanged.

    `names` maps places of the official model ("model.4", "backbone.ERBlock_3.1") to nodes ("backbone.stage3").
    """
    by_length = sorted(names, key=len, reverse=True)
    translated = {}
    for key, value in state.items():
        place = next((name for name in by_length if key.startswith(f"{name}.")), None)
        translated[key if place is None else names[place] + key[len(place) :]] = value
    return translated


@dataclass(frozen=True)
class Transfer:
    """What became of every tensor: `loaded`; `new` here and not in the file; `mismatched` in shape; `unused` there."""

    loaded: list[str]
    new: list[str]
    mismatched: list[str]
    unused: list[str]

    def summary(self) -> str:
        """One paragraph for the terminal."""
        total = len(self.loaded) + len(self.new) + len(self.mismatched)
        lines = [f"weights: {len(self.loaded)} of {total} tensors loaded"]
        for name in ("new", "mismatched", "unused"):
            found = getattr(self, name)
            if found:
                nodes = list(dict.fromkeys(".".join(key.split(" ")[0].split(".")[:2]) for key in found))
                more = ", ..." if len(nodes) > 8 else ""
                lines.append(f"  {name}: {len(found)} ({', '.join(nodes[:8])}{more})")
        return "\n".join(lines)

    def to_json(self) -> str:
        """All four lists."""
        return json.dumps(vars(self), indent=1)


def transfer(model: nn.Module, state: Mapping[str, Tensor]) -> Transfer:
    """Copy what fits by name and shape into `model`; say what became of the rest."""
    own = model.state_dict()
    mismatched = [key for key in own.keys() & state.keys() if own[key].shape != state[key].shape]
    fitting = {key: value for key, value in state.items() if key in own and key not in mismatched}
    model.load_state_dict({**own, **fitting})
    return Transfer(
        loaded=[key for key in own if key in fitting],
        new=[key for key in own if key not in state],
        mismatched=[f"{k} (file {tuple(state[k].shape)}, here {tuple(own[k].shape)})" for k in own if k in mismatched],
        unused=[key for key in state if key not in own],
    )


def load_weights(model: nn.Module, path: str, names: Mapping[str, str]) -> Transfer:
    """Read, translate and transfer. ConfigError where nothing at all fits."""
    report = transfer(model, translate(read_checkpoint(Path(path)), names))
    if not report.loaded:
        raise ConfigError(f"weights={path}: not one of its {len(report.unused)} tensors fits this model")
    return report

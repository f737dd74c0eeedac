"""Starting from a checkpoint: read without executing anything in it, renamed to nodes, transferred with a report.

Our own checkpoints and plain state dicts are tensors by name. Official YOLOv6, YOLOv8 and YOLOv9 files pickle whole
model objects, which are read as Shells (`yololab.detector.tensor_file`) whose tensors are then collected.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from yololab.detector.tensor_file import Shell, read_tensor_file
from yololab.errors import ConfigError

MODEL_KEYS = ("ema", "model")
"""Where official checkpoints keep their model, the averaged one first."""
MOST_MODULES = 10_000
"""More than any detector has; a file whose modules hold each other would never end"""


def read_checkpoint(path: Path) -> dict[str, Tensor]:
    """All tensors of a checkpoint by name, as float32 where they are floats; the averaged model where there is one.

    Raises ConfigError for a file that is missing, damaged, holds no model, or holds numbers that are not finite.
    """
    if not path.is_file():
        raise ConfigError(f"weights={path}: no such file")
    try:
        state = _state_of(read_tensor_file(path))
    except Exception as error:  # a broken or foreign file can fail anywhere in the unpickler
        reason = str(error) or type(error).__name__
        raise ConfigError(f"weights={path}: cannot be read as a checkpoint: {reason}") from error
    if not state:
        raise ConfigError(
            f"weights={path}: found no model in it; expected a yololab, YOLOv6, YOLOv8 or YOLOv9 checkpoint"
        )
    found = {name: value.float() if value.is_floating_point() else value for name, value in state.items()}
    broken = [name for name, value in found.items() if not torch.isfinite(value).all()]
    if broken:
        raise ConfigError(
            f"weights={path}: {len(broken)} of its {len(found)} tensors hold NaN or infinite numbers, {broken[0]} "
            "first; it is of a run that diverged"
        )
    return found


def _state_of(content: Any) -> dict[str, Tensor]:
    if isinstance(content, Shell):
        return _tensors_of(content)
    if not isinstance(content, Mapping):
        return {}
    if isinstance(content.get("state_dict"), Mapping):
        return _own_state(_plain(content["state_dict"]))
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


def _own_state(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The averaged detector of a yololab checkpoint, or the trained one where none was averaged."""
    for prefix in ("ema.model.", "detector."):
        found = {key[len(prefix) :]: value for key, value in state.items() if key.startswith(prefix)}
        if found:
            return found
    return state


def _tensors_of(shell: Shell) -> dict[str, Tensor]:
    """Parameters and buffers of a pickled module, at any depth, as its state dict names them.

    ValueError where it holds itself.
    """
    found: dict[str, Tensor] = {}
    waiting = [("", shell)]
    for _ in range(MOST_MODULES):
        if not waiting or len(waiting) > MOST_MODULES:
            break
        prefix, module = waiting.pop()
        state = module.state[0] if isinstance(module.state, tuple) and module.state else module.state  # (dict, slots)
        if not isinstance(state, Mapping):
            continue
        hidden = state.get("_non_persistent_buffers_set")
        for kind in ("_parameters", "_buffers"):
            for name, value in _mapping(state.get(kind)).items():
                if isinstance(value, Tensor) and not (isinstance(hidden, set) and name in hidden):
                    found[f"{prefix}{name}"] = value
        children = reversed(list(_mapping(state.get("_modules")).items()))
        waiting += [(f"{prefix}{name}.", child) for name, child in children if isinstance(child, Shell)]
    if waiting:
        raise ValueError("its modules hold each other without end")
    return found


def _mapping(value: Any) -> Mapping[Any, Any]:
    return value if isinstance(value, Mapping) else {}


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


LEVEL = re.compile(r"(head\.\w+\.)(\d+)\.(.+)")
"""A tensor of a head that stands for one of its levels"""


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
    mismatched = [key for key in own.keys() & state.keys() if not _fits(state[key], own[key])]
    fitting = {key: value for key, value in state.items() if key in own and key not in mismatched}
    model.load_state_dict({**own, **fitting})
    return Transfer(
        loaded=[key for key in own if key in fitting],
        new=[key for key in own if key not in state],
        mismatched=[f"{k} (file {_kind(state[k])}, here {_kind(own[k])})" for k in own if k in mismatched],
        unused=[key for key in state if key not in own],
    )


def realigned(state: Mapping[str, Tensor], here: Sequence[int], there: Sequence[int] | None) -> dict[str, Tensor]:
    """A state whose head has a level for each stride of `there`, with each at the place of its stride in `here`.

    Without `there`, a head of another number of levels is left out: nothing tells which of them are meant.
    """
    numbers = [int(found[2]) for key in state if (found := LEVEL.match(key))]
    known = there if there is not None else (here if max(numbers, default=-1) + 1 == len(here) else ())
    moved = {}
    for key, value in state.items():
        found = LEVEL.match(key)
        if found is None:
            moved[key] = value
        elif int(found[2]) < len(known) and known[int(found[2])] in here:
            moved[f"{found[1]}{here.index(known[int(found[2])])}.{found[3]}"] = value
    return moved


def _fits(found: Tensor, own: Tensor) -> bool:
    """Whether it has the shape, and real numbers where ours are: whole ones would have been cut from them."""
    return found.shape == own.shape and found.is_floating_point() == own.is_floating_point()


def _kind(tensor: Tensor) -> str:
    return f"{tuple(tensor.shape)}" + f" of {tensor.dtype}".replace("torch.", "") * (not tensor.is_floating_point())


def load_weights(
    model: nn.Module, path: str, names: Mapping[str, str], by_level: tuple[Sequence[int], Sequence[int]] | None = None
) -> Transfer:
    """Read, translate and transfer; `by_level` are the strides of the head's levels here and in an official file, where
    they may differ. ConfigError where nothing at all fits."""
    found = read_checkpoint(Path(path))
    state = translate(found, names)
    if by_level is not None:
        is_official = any(key.startswith(f"{place}.") for place in names for key in found)
        state = realigned(state, by_level[0], by_level[1] if is_official else None)
    report = transfer(model, state)
    if not report.loaded:
        raise ConfigError(f"weights={path}: not one of its {len(report.unused)} tensors fits this model")
    return report


def fill(model: nn.Module, path: Path, names: Mapping[str, str] | None = None) -> None:
    """Load every tensor. ConfigError where one is missing or does not fit: half a detector finds nonsense."""
    report = transfer(model, translate(read_checkpoint(path), names or {}))
    wrong = [*report.mismatched, *report.new]
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise ConfigError(f"{path}: not the weights of this detector: {', '.join(wrong[:3])}{more} do not fit")

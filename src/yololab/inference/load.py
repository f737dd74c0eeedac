"""From a run, a checkpoint or an exported file to a detector in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from yololab.assemble import build_detector, make_parts
from yololab.config.check import check
from yololab.config.compose import compose
from yololab.config.identity import completed
from yololab.config.trust import with_trust
from yololab.detector import Detector
from yololab.detector.weights import fill
from yololab.errors import ConfigError, UntrustedError, YololabError
from yololab.inference.backend import OPENERS, TorchBackend
from yololab.inference.card import KEY, Card, card_of
from yololab.inference.loaded import Loaded
from yololab.run.find import find_run, recorded
from yololab.run.folder import CONFIG_FILE, RunFolder, allowed

CHECKPOINTS = ("last", "best")
NO_WEIGHTS = (".engine", ".png", ".jpg", ".jpeg", ".yaml", ".yml", ".json", ".txt", ".bin", ".mp4")


def load(
    source: str | Path,
    overrides: Sequence[str] = (),
    *,
    checkpoint: str = "last",
    device: str | None = None,
    trust: bool = False,
) -> Loaded:
    """A trained detector, ready to predict.

    `source` is a run (its folder, STUDY/RUN or id), a checkpoint in a run's folder, or a file of `yololab export`; any
    other checkpoint needs `overrides` that build its detector: load("yolov8n.pt", ["model=yolov8", "num_classes=80"]).
    `checkpoint` is "last", which a record judges, or "best". `device` is cpu, cuda, cuda:1, mps; None: a GPU if there
    is one. `trust` lets a run from elsewhere import the code that it names. YololabError says what does not fit.
    """
    if checkpoint not in CHECKPOINTS:
        raise ConfigError(f"checkpoint={checkpoint}: expected one of {', '.join(CHECKPOINTS)}")
    place = device_of(device)
    overrides = [overrides] if isinstance(overrides, str) else overrides
    path = Path(source).expanduser()
    if not path.is_file():
        return _of_run(find_run(str(source)), overrides, checkpoint, place, trust)
    if checkpoint != "last":
        raise ConfigError(f"checkpoint={checkpoint}: of a run; {path} is a file already")
    if path.suffix.lower() in OPENERS:
        return _of_export(path, overrides, trust)
    if path.parent.name == "checkpoints" and (path.parent.parent / CONFIG_FILE).is_file() and not overrides:
        return _of_run(RunFolder(path.parent.parent), overrides, path, place, trust)
    text = _metadata(path)
    if text is not None and not overrides:
        card = card_of(text, path)
        return _of_file(path, card.name, _own(card, path, trust), card.classes, place)
    return _of_weights(path, overrides, place)


def device_of(name: str | None) -> torch.device:
    """The device of this name; by default a GPU where there is one. ConfigError where it is not here."""
    if name is None or name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    name = f"cuda:{name}" if name.isdecimal() else name
    if name == "meta":
        raise ConfigError("device=meta: computes nothing; expected cpu, cuda, cuda:1 or mps")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, ValueError, NotImplementedError) as error:
        raise ConfigError(f"device={name}: cannot be used here: {str(error).splitlines()[0]}") from error
    return device


def _of_run(
    folder: RunFolder, overrides: Sequence[str], checkpoint: str | Path, device: torch.device, trust: bool
) -> Loaded:
    if overrides:
        raise ConfigError(f"{folder.path}: the run says itself how it is built; leave out {' '.join(overrides)}")
    record = folder.record()
    if record is None:
        spec = folder.spec()
        check(spec.config)
        config = allowed(spec.config, folder.path, trust)
        classes = tuple(make_parts(config).source.classes)
    else:
        config, classes = recorded(folder, record, trust)
    path = folder.checkpoints / f"{checkpoint}.ckpt" if checkpoint in CHECKPOINTS else Path(checkpoint)
    if not path.is_file():
        there = sorted(p.name for p in folder.checkpoints.glob("*.ckpt"))
        have = f"there is {', '.join(there)}" if there else "yololab gc took it, or the run has not begun"
        raise YololabError(f"{path}: no such checkpoint; {have}")
    return _of_file(path, f"{folder.path.absolute().parent.name}/{folder.name}", config, classes, device)


def _of_file(
    path: Path, name: str, config: Mapping[str, Any], classes: tuple[str, ...], device: torch.device
) -> Loaded:
    detector = build_detector(config, config["num_classes"] or len(classes))
    fill(detector, path)
    return _model(detector, name, config, classes, device)


def _of_weights(path: Path, overrides: Sequence[str], device: torch.device) -> Loaded:
    if path.suffix.lower() in NO_WEIGHTS:
        raise YololabError(f"{path}: holds no weights that PyTorch reads; name the run, or its exported .onnx or .xml")
    if not overrides:
        raise YololabError(
            f"{path}: a checkpoint that does not say how its detector is built; add the choices that do, such as "
            "model=yolov8 scale=n num_classes=80"
        )
    config = compose(overrides)
    parts = make_parts(config)
    detector = build_detector(config, parts.num_classes)
    fill(detector, path, config["model"].get("checkpoint") or {})
    known = parts.source.classes if len(parts.source.classes) == parts.num_classes else ()
    return _model(detector, path.name, config, tuple(known), device)


def _model(
    detector: Detector, name: str, config: Mapping[str, Any], classes: Sequence[str], device: torch.device
) -> Loaded:
    names = (*classes, *(f"class {label}" for label in range(len(classes), detector.num_classes)))
    card = Card(name, dict(config), names, detector.max_stride, detector.head.predicts_masks)
    backend = TorchBackend(detector.deploy(), device, str(config["recipe"]["precision"]))
    return Loaded(backend, card, detector)


def _of_export(path: Path, overrides: Sequence[str], trust: bool) -> Loaded:
    if overrides:
        raise ConfigError(f"{path}: an exported file says itself how it is built; leave out {' '.join(overrides)}")
    kind = path.suffix.lower()
    if kind == ".torchscript" and not trust:
        raise UntrustedError(f"{path}: TorchScript is a program, which may do anything; --trust runs it")
    backend, card = OPENERS[kind](path)
    return Loaded(backend, replace(card, config=_own(card, path, trust)))


def _own(card: Card, path: Path, trust: bool) -> dict[str, Any]:
    """A card's configuration, which may not say itself what is trusted. UntrustedError where it names code of others.

    ConfigError where it is no configuration.
    """
    config = with_trust(completed(card.config), ())
    check(config)
    return allowed(config, path, trust)


def _metadata(path: Path) -> str | None:
    """The card in a safetensors file; None where the file is another, or has none."""
    if path.suffix != ".safetensors":
        return None
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(path), "pt") as found:
            return (found.metadata() or {}).get(KEY)
    except (SafetensorError, OSError):
        return None

"""yololab: an experiment platform for YOLO-style object detectors in which every part is a named choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from yololab.detector import Detector
    from yololab.inference.model import Model
    from yololab.study.handle import Study

__version__ = "0.1.0"
__all__ = ["Study", "__version__", "build", "load"]


def __getattr__(name: str) -> Any:
    """`yololab.Study`, imported when it is asked for."""
    if name == "Study":
        from yololab.study.handle import Study

        return Study
    raise AttributeError(f"module 'yololab' has no attribute {name!r}")


def build(overrides: list[str] | None = None, device: str = "cpu") -> Detector:
    """Build the detector that `python train.py OVERRIDES...` would train, in training form.

    `device="meta"` builds shapes without memory. Raises ConfigError for a wrong choice or key.
    """
    from yololab.assemble import build_detector, make_parts, start_from_weights
    from yololab.config.compose import compose

    config = compose(overrides or [])
    detector = build_detector(config, make_parts(config).num_classes, device)
    if device != "meta":
        start_from_weights(config, detector)
    return detector


def load(
    source: str | Path,
    overrides: list[str] | None = None,
    *,
    checkpoint: str = "last",
    device: str | None = None,
    trust: bool = False,
) -> Model:
    """A trained detector that can predict, be judged and be exported; see `yololab.inference.load.load`.

    Examples:
        >>> import yololab
        >>> yololab.load(RUN).classes
        ('disc', 'square', 'triangle')
    """
    from yololab.inference.load import load
    from yololab.inference.model import Model

    return Model(load(source, overrides or [], checkpoint=checkpoint, device=device, trust=trust))

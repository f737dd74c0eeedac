"""yololab: an experiment platform for YOLO-style object detectors in which every part is a named choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yololab.detector import Detector

__version__ = "0.1.0"
__all__ = ["__version__", "build"]


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

"""The detector: a built graph as a module, what it costs, and weights to start it from."""

from yololab.detector.detector import Detector

__all__ = ["Detector"]

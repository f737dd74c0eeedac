"""Heads: raw maps from neck features, and their decoding. conf/head/<name>.yaml names the class."""

from yololab.heads.base import AUX, MAIN, Head
from yololab.heads.ddetect import DDetect, DualDDetect
from yololab.heads.detect import Detect
from yololab.heads.effide import EffiDe
from yololab.heads.segment import Segment

__all__ = ["AUX", "MAIN", "DDetect", "Detect", "DualDDetect", "EffiDe", "Head", "Segment"]

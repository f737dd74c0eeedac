"""Heads: raw maps from neck features, and their decoding. conf/head/<name>.yaml names the class."""

from yololab.heads.base import AUX, MAIN, ONE_TO_MANY, ONE_TO_ONE, Head
from yololab.heads.ddetect import DDetect, DualDDetect
from yololab.heads.detect import Detect
from yololab.heads.dynamic import DynamicDetect
from yololab.heads.effide import EffiDe
from yololab.heads.effide_aligned import EffiDeAligned
from yololab.heads.one_to_one import OneToOneDetect, OneToOneSegment
from yololab.heads.segment import Segment
from yololab.heads.shared import SharedDetect
from yololab.heads.task_aligned import TaskAlignedDetect

__all__ = [
    "AUX", "MAIN", "ONE_TO_MANY", "ONE_TO_ONE", "DDetect", "Detect", "DualDDetect", "DynamicDetect", "EffiDe",
    "EffiDeAligned", "Head", "OneToOneDetect", "OneToOneSegment", "Segment", "SharedDetect", "TaskAlignedDetect",
]  # fmt: skip

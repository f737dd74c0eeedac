"""Assigners: which point learns which box. conf/assigner/<name>.yaml names the class."""

from yololab.assigners.atss import ATSS
from yololab.assigners.base import Assigner
from yololab.assigners.simota import SimOTA
from yololab.assigners.static import Static
from yololab.assigners.tal import TaskAligned
from yololab.assigners.warm_up import WarmUp

__all__ = ["ATSS", "Assigner", "SimOTA", "Static", "TaskAligned", "WarmUp"]

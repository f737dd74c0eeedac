"""Trackers: what follows a run while it trains. conf/tracker/<name>.yaml names one."""

from yololab.trackers.base import TrackedRun, Tracker
from yololab.trackers.several import SeveralTrackers
from yololab.trackers.tensorboard import TensorBoardTracker
from yololab.trackers.wandb import WandbTracker

__all__ = ["SeveralTrackers", "TensorBoardTracker", "TrackedRun", "Tracker", "WandbTracker"]

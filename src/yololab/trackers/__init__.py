"""Trackers: what follows a run while it trains. conf/tracker/<name>.yaml names one."""

from yololab.trackers.base import GraphTable, TrackedRun, Tracker
from yololab.trackers.mlflow import MLflowTracker
from yololab.trackers.picture import Boxes, Picture
from yololab.trackers.several import SeveralTrackers
from yololab.trackers.study import TrackedStudy
from yololab.trackers.tensorboard import TensorBoardTracker
from yololab.trackers.wandb import WandbTracker

__all__ = [
    "Boxes",
    "GraphTable",
    "MLflowTracker",
    "Picture",
    "SeveralTrackers",
    "TensorBoardTracker",
    "TrackedRun",
    "TrackedStudy",
    "Tracker",
    "WandbTracker",
]

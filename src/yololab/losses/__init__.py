"""Losses: box losses by name, and the sum of named terms that trains any head under any assigner."""

from yololab.losses.box import BoxLoss, CIoULoss, DIoULoss, GIoULoss, IoULoss
from yololab.losses.detection import DetectionLoss, LossTerms
from yololab.losses.eiou import EIoULoss
from yololab.losses.siou import SIoULoss
from yololab.losses.wiou import WIoULoss

__all__ = [
    "BoxLoss",
    "CIoULoss",
    "DIoULoss",
    "DetectionLoss",
    "EIoULoss",
    "GIoULoss",
    "IoULoss",
    "LossTerms",
    "SIoULoss",
    "WIoULoss",
]

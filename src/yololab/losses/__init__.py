"""Losses: box losses by name, and the sum of named terms that trains any head under any assigner."""

from yololab.losses.alpha_iou import AlphaIoULoss
from yololab.losses.box import BoxLoss, CIoULoss, DIoULoss, GIoULoss, IoULoss
from yololab.losses.detection import DetectionLoss, LossTerms
from yololab.losses.eiou import EIoULoss, FocalEIoULoss
from yololab.losses.mpdiou import MPDIoULoss
from yololab.losses.nwd import NWDLoss
from yololab.losses.piou import PIoU2Loss, PIoULoss
from yololab.losses.shape_iou import ShapeIoULoss
from yololab.losses.siou import SIoULoss
from yololab.losses.wiou import WIoULoss
from yololab.losses.wrappers import FocalerLoss, InnerLoss, WiseLoss

__all__ = [
    "AlphaIoULoss",
    "BoxLoss",
    "CIoULoss",
    "DIoULoss",
    "DetectionLoss",
    "EIoULoss",
    "FocalEIoULoss",
    "FocalerLoss",
    "GIoULoss",
    "InnerLoss",
    "IoULoss",
    "LossTerms",
    "MPDIoULoss",
    "NWDLoss",
    "PIoU2Loss",
    "PIoULoss",
    "SIoULoss",
    "ShapeIoULoss",
    "WIoULoss",
    "WiseLoss",
]

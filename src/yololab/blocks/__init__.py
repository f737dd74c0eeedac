"""What graphs are made of. A node's `block: Name` is looked up here; a dotted path reaches any other module."""

from yololab.blocks.base import Block, Deployable
from yololab.blocks.bottleneck import Bottleneck
from yololab.blocks.c2f import C2f
from yololab.blocks.c3 import C3
from yololab.blocks.cb_fuse import CBFuse
from yololab.blocks.cb_linear import CBLinear
from yololab.blocks.concat import Concat
from yololab.blocks.conv import Conv
from yololab.blocks.downsample import AConv, ADown
from yololab.blocks.dynamic_conv import DynamicConv
from yololab.blocks.dynamic_stages import C2fDynamic, C2fGhostDynamic, C3Dynamic, C3GhostDynamic, DynamicBottleneck
from yololab.blocks.elan import ELAN, RepNCSPELAN
from yololab.blocks.ghost import GhostDynamic
from yololab.blocks.rep_conv import RepConv
from yololab.blocks.rep_ncsp import RepNCSP
from yololab.blocks.rep_vgg import RepBlock, RepVGG
from yololab.blocks.sampling import TransposedUpsample, Upsample
from yololab.blocks.spp_elan import SPPELAN
from yololab.blocks.sppf import SPPF

__all__ = [
    "C3",
    "ELAN",
    "SPPELAN",
    "SPPF",
    "AConv",
    "ADown",
    "Block",
    "Bottleneck",
    "C2f",
    "C2fDynamic",
    "C2fGhostDynamic",
    "C3Dynamic",
    "C3GhostDynamic",
    "CBFuse",
    "CBLinear",
    "Concat",
    "Conv",
    "Deployable",
    "DynamicBottleneck",
    "DynamicConv",
    "GhostDynamic",
    "RepBlock",
    "RepConv",
    "RepNCSP",
    "RepNCSPELAN",
    "RepVGG",
    "TransposedUpsample",
    "Upsample",
]

"""What graphs are made of. A node's `block: Name` is looked up here; a dotted path reaches any other module."""

from yololab.blocks.area_attention import A2C2f
from yololab.blocks.base import Block, Deployable
from yololab.blocks.bep_c3 import BepC3, RepPair
from yololab.blocks.bi_fusion import BiFusion
from yololab.blocks.bottleneck import Bottleneck
from yololab.blocks.c2 import C1, C2, RepC3
from yololab.blocks.c2f import C2f
from yololab.blocks.c3 import C3, C3x
from yololab.blocks.c3k import C3k, C3k2
from yololab.blocks.cb_fuse import CBFuse
from yololab.blocks.cb_linear import CBLinear
from yololab.blocks.chain import Chain
from yololab.blocks.cib import CIB, C2fCIB, RepVGGDW, SCDown
from yololab.blocks.concat import Concat
from yololab.blocks.conv import Conv
from yololab.blocks.conv_glu import C2fGLU
from yololab.blocks.deform_conv import C2fDeform, DeformConv
from yololab.blocks.dilated_reparam import C2fDilated, DilatedReparam
from yololab.blocks.diverse_branch import C2fDBB, DiverseBranch
from yololab.blocks.downsample import AConv, ADown
from yololab.blocks.dwr import C2fDWR
from yololab.blocks.dynamic_conv import DynamicConv
from yololab.blocks.dynamic_stages import C2fDynamic, C2fGhostDynamic, C3Dynamic, C3GhostDynamic, DynamicBottleneck
from yololab.blocks.elan import ELAN, RepNCSPELAN
from yololab.blocks.faster import C2fFaster
from yololab.blocks.focus import Focus
from yololab.blocks.fusion import AdaptiveFusion, BiFPNFusion
from yololab.blocks.gather import AlignConcat, Inject
from yololab.blocks.ghost import GhostDynamic
from yololab.blocks.ghost_conv import C3Ghost, GhostBottleneck, GhostConv
from yololab.blocks.gs_conv import GSConv, VoVGSCSP
from yololab.blocks.pki import C2fPKI
from yololab.blocks.psa import C2PSA, PSA, C2fPSA, PixelAttention
from yololab.blocks.rep_conv import RepConv
from yololab.blocks.rep_ncsp import RepNCSP
from yololab.blocks.rep_vgg import RepBlock, RepVGG
from yololab.blocks.resampling import CARAFE, DySample, SPDConv
from yololab.blocks.rfa_conv import RFAConv
from yololab.blocks.sampling import MaxPool, TransposedUpsample, Upsample, ZeroPad
from yololab.blocks.scale_sequence import ChannelPositionAttention, ScaleSequence, TripleEncoding
from yololab.blocks.select import ChannelSelect, SelectiveFusion
from yololab.blocks.separable_conv import SeparableConv
from yololab.blocks.spp_elan import SPPELAN
from yololab.blocks.sppf import CSPSPPF, SPP, SPPF
from yololab.blocks.star import C2fStar
from yololab.blocks.wavelet import HWD

__all__ = [
    "C1",
    "C2",
    "C2PSA",
    "C3",
    "CARAFE",
    "CIB",
    "CSPSPPF",
    "ELAN",
    "HWD",
    "PSA",
    "SPP",
    "SPPELAN",
    "SPPF",
    "A2C2f",
    "AConv",
    "ADown",
    "AdaptiveFusion",
    "AlignConcat",
    "BepC3",
    "BiFPNFusion",
    "BiFusion",
    "Block",
    "Bottleneck",
    "C2f",
    "C2fCIB",
    "C2fDBB",
    "C2fDWR",
    "C2fDeform",
    "C2fDilated",
    "C2fDynamic",
    "C2fFaster",
    "C2fGLU",
    "C2fGhostDynamic",
    "C2fPKI",
    "C2fPSA",
    "C2fStar",
    "C3Dynamic",
    "C3Ghost",
    "C3GhostDynamic",
    "C3k",
    "C3k2",
    "C3x",
    "CBFuse",
    "CBLinear",
    "Chain",
    "ChannelPositionAttention",
    "ChannelSelect",
    "Concat",
    "Conv",
    "DeformConv",
    "Deployable",
    "DilatedReparam",
    "DiverseBranch",
    "DySample",
    "DynamicBottleneck",
    "DynamicConv",
    "Focus",
    "GSConv",
    "GhostBottleneck",
    "GhostConv",
    "GhostDynamic",
    "Inject",
    "MaxPool",
    "PixelAttention",
    "RFAConv",
    "RepBlock",
    "RepC3",
    "RepConv",
    "RepNCSP",
    "RepNCSPELAN",
    "RepPair",
    "RepVGG",
    "RepVGGDW",
    "SCDown",
    "SPDConv",
    "ScaleSequence",
    "SelectiveFusion",
    "SeparableConv",
    "TransposedUpsample",
    "TripleEncoding",
    "Upsample",
    "VoVGSCSP",
    "ZeroPad",
]

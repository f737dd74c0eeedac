"""Attentions, one idea a file. conf/attention/<name>.yaml names the class; nothing else knows them."""

from yololab.attention.bam import BAM
from yololab.attention.base import Attention
from yololab.attention.caa import CAA
from yololab.attention.cbam import CBAM, ChannelGate, PaperCBAM, SpatialGate
from yololab.attention.coord_att import CoordAtt
from yololab.attention.cpca import CPCA
from yololab.attention.eca import ECA, AdaptiveECA
from yololab.attention.ela import ELA, PointwiseELA
from yololab.attention.ema import EMA
from yololab.attention.gam import GAM, PaperGAM
from yololab.attention.gated import Gated
from yololab.attention.gc import GC
from yololab.attention.irmb import IRMB
from yololab.attention.lsk import LSK
from yololab.attention.lska import LSKA
from yololab.attention.mhsa import MHSA
from yololab.attention.mlca import MLCA
from yololab.attention.nam import NAM
from yololab.attention.parnet import ParNetAttention
from yololab.attention.pasted import Pasted
from yololab.attention.placebo import Placebo
from yololab.attention.random_gate import RandomGate
from yololab.attention.se import SE
from yololab.attention.shuffle import ShuffleAttention
from yololab.attention.simam import SimAM
from yololab.attention.sk import SK
from yololab.attention.triplet import TripletAttention

__all__ = [
    "BAM",
    "CAA",
    "CBAM",
    "CPCA",
    "ECA",
    "ELA",
    "EMA",
    "GAM",
    "GC",
    "IRMB",
    "LSK",
    "LSKA",
    "MHSA",
    "MLCA",
    "NAM",
    "SE",
    "SK",
    "AdaptiveECA",
    "Attention",
    "ChannelGate",
    "CoordAtt",
    "Gated",
    "PaperCBAM",
    "PaperGAM",
    "ParNetAttention",
    "Pasted",
    "Placebo",
    "PointwiseELA",
    "RandomGate",
    "ShuffleAttention",
    "SimAM",
    "SpatialGate",
    "TripletAttention",
]

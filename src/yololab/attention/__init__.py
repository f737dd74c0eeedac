"""Attentions, one idea a file. conf/attention/<name>.yaml names the class; nothing else knows them."""

from yololab.attention.base import Attention
from yololab.attention.cbam import CBAM, PaperCBAM
from yololab.attention.coord_att import CoordAtt
from yololab.attention.eca import ECA, AdaptiveECA
from yololab.attention.ema import EMA
from yololab.attention.gam import GAM, PaperGAM
from yololab.attention.gated import Gated
from yololab.attention.mhsa import MHSA
from yololab.attention.pasted import Pasted
from yololab.attention.placebo import Placebo
from yololab.attention.random_gate import RandomGate
from yololab.attention.se import SE
from yololab.attention.simam import SimAM

__all__ = [
    "CBAM",
    "ECA",
    "EMA",
    "GAM",
    "MHSA",
    "SE",
    "AdaptiveECA",
    "Attention",
    "CoordAtt",
    "Gated",
    "PaperCBAM",
    "PaperGAM",
    "Pasted",
    "Placebo",
    "RandomGate",
    "SimAM",
]

"""Attentions, one idea a file. conf/attention/<name>.yaml names the class; nothing else knows them."""

from yololab.attention.base import Attention
from yololab.attention.cbam import CBAM, PaperCBAM
from yololab.attention.coord_att import CoordAtt
from yololab.attention.eca import ECA, AdaptiveECA
from yololab.attention.gam import GAM, PaperGAM

__all__ = ["CBAM", "ECA", "GAM", "AdaptiveECA", "Attention", "CoordAtt", "PaperCBAM", "PaperGAM"]

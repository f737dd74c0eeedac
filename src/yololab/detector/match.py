"""A baseline of equal cost: the graph without attention, widened to the GFLOPs that the attention would have cost."""

from __future__ import annotations

from collections.abc import Callable

from yololab.detector.complexity import gflops
from yololab.detector.detector import Detector
from yololab.graph.build import build_graph
from yololab.graph.node import Graph

MOST_WIDENED = 3.0
WIDTH_STEPS = 12


def widen_to(target: Graph, at_width: Callable[[float], Graph], width: float, image_size: int) -> Graph:
    """The graph of `at_width` whose GFLOPs are nearest to those of `target`, from `width` to three times that.

    Widths come in multiples of 8 channels, so the match is as close as those allow; the counts say how close.
    """

    def cost(graph: Graph) -> float:
        return gflops(Detector(build_graph(graph, device="meta")).eval(), image_size)

    wanted, best = cost(target), at_width(width)
    smallest = abs(cost(best) - wanted)
    low, high = width, MOST_WIDENED * width
    for _ in range(WIDTH_STEPS):
        middle = (low + high) / 2
        widened = at_width(middle)
        excess = cost(widened) - wanted
        if abs(excess) < smallest:
            best, smallest = widened, abs(excess)
        low, high = (middle, high) if excess < 0 else (low, middle)
    return best

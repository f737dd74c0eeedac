"""A baseline of equal cost: the network without attention, widened until it costs what the attention would have cost.

First the width of the whole network is raised as far as it stays below the target, then single stages by 8 channels,
inside or out, or by a repeat, whichever brings the cost nearest. What is matched is the deploy form, which is what a
model costs its user (a training form may carry an auxiliary branch that no attention touches), or the training form.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from yololab.detector.complexity import count_parameters, gflops
from yololab.detector.detector import Detector
from yololab.errors import ConfigError
from yololab.graph.build import build_graph
from yololab.graph.node import Graph

MOST_WIDENED = 3.0
WIDTH_STEPS = 10
FINE_STEPS = 6
CHANNELS = 8
LARGEST_ERROR = 0.2
"""Of the attention's own cost; a baseline that misses by more is no baseline of equal cost"""
MEASURES = ("gflops", "params")
FORMS = ("deploy", "train")
Cost = Callable[[Graph], float]


@dataclass(frozen=True)
class Match:
    """The widened graph and how close it comes."""

    graph: Graph
    remark: str


def cost_of(measure: str, form: str, image_size: int) -> Cost:
    """GFLOPs at `image_size`, or millions of parameters, of a graph's deploy or training form."""

    def cost(graph: Graph) -> float:
        detector = Detector(build_graph(graph, device="meta")).eval()
        detector = detector.deploy() if form == "deploy" else detector
        return gflops(detector, image_size) if measure == "gflops" else count_parameters(detector) / 1e6

    return cost


def widen_to(target: Graph, at_width: Callable[[float], Graph], width: float, measure: str, cost: Cost) -> Match:
    """The graph of `at_width`, from `width` up, whose cost is nearest to that of `target`.

    ConfigError where the attention costs nothing that could be matched, or the nearest misses by more than
    LARGEST_ERROR of what it costs.
    """
    wanted, plain = cost(target), cost(at_width(width))
    own = wanted - plain
    if own <= 0:
        raise ConfigError(f"match={measure}: the attention costs nothing here, so the baseline itself is the match")
    best = _fine(_coarse(at_width, width, wanted, cost), wanted, cost)
    reached = cost(best)
    unit = "GFLOPs" if measure == "gflops" else "M parameters"
    remark = (
        f"widened baseline: {reached:.3f} {unit} for {wanted:.3f} with the attention and {plain:.3f} without, off by "
        f"{abs(reached - wanted) / own:.0%} of what the attention costs"
    )
    if abs(reached - wanted) > LARGEST_ERROR * own:
        raise ConfigError(f"match={measure}: nothing comes close enough; {remark}")
    return Match(replace(best, name=f"{best.name} (widened)"), remark)


def _coarse(at_width: Callable[[float], Graph], width: float, wanted: float, cost: Cost) -> Graph:
    """The widest graph that costs no more than is wanted."""
    best, low, high = at_width(width), width, MOST_WIDENED * width
    for _ in range(WIDTH_STEPS):
        middle = (low + high) / 2
        widened = at_width(middle)
        if cost(widened) <= wanted:
            best, low = widened, middle
        else:
            high = middle
    return best


def _fine(graph: Graph, wanted: float, cost: Cost) -> Graph:
    """Single stages widened or deepened, one move at a time, as long as that comes nearer."""
    now = cost(graph)
    prices = {move: cost(_moved(graph, *move)) - now for move in _moves(graph)}
    for _ in range(FINE_STEPS):
        affordable = {move: price for move, price in prices.items() if price > 0}
        if not affordable:
            break
        move = min(affordable, key=lambda move: abs(wanted - now - affordable[move]))
        moved = _moved(graph, *move)
        reached = cost(moved)
        if abs(reached - wanted) >= abs(now - wanted):
            break
        graph, now = moved, reached
    return graph


def _moves(graph: Graph) -> list[tuple[str, str, int]]:
    """(node, argument, step) of what can be widened or deepened by itself: two ways for every stage."""
    moves = []
    for node in graph.nodes:
        ways = [name for name in ("channels", "inner", "repeats") if node.stage and node.args.get(name)]
        moves += [(node.name, name, 1 if name == "repeats" else CHANNELS) for name in ways[:2]]
    return moves


def _moved(graph: Graph, name: str, argument: str, step: int) -> Graph:
    def moved(args: dict) -> dict:
        return {**args, argument: args[argument] + step}

    nodes = (replace(node, args=moved(dict(node.args))) if node.name == name else node for node in graph.nodes)
    return replace(graph, nodes=tuple(nodes))

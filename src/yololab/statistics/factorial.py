"""Main effects and two-way interactions of factors, as contrasts of rows under one error rate.

Rows are combinations of factor levels; any layout, two-level or mixed, full or a fraction. Row means are fitted by
least squares on mean + main effects + two-way interactions (higher ones are taken as absent), and an effect is a
contrast of rows that the block fit judges (Box, Hunter & Hunter, Statistics for Experimenters, 1978, ch. 10-12):

- main effect of a level: its marginal mean minus that of the factor's first level, the other factors' levels averaged
  with equal weights, whatever the layout;
- interaction: the difference of differences (l, m) - (first, m) - (l, first) + (first, first).

Terms enter in order, main effects first; a term that the earlier ones leave without its full degrees of freedom is
not estimable. Where such a term, if it existed, would move an effect, the effect is aliased with it (the alias matrix
of Box & Wilson, JRSS B 13, 1951).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

from yololab.statistics.blocks import BlockFit, Values, fit_blocks
from yololab.statistics.contrasts import Contrast, Estimate, estimate_contrasts
from yololab.statistics.layout import Layout, Term, layout_of


@dataclass(frozen=True)
class Effect:
    """An effect, named "attention=cbam" or "attention=cbam x neck=fpn", and the terms that it cannot be told from."""

    term: Term
    estimate: Estimate
    aliased_with: tuple[Term, ...]


@dataclass(frozen=True)
class MarginalMean:
    """Mean of a level over the other factors' levels with equal weights, by the fitted model."""

    factor: str
    level: str
    mean: float


@dataclass(frozen=True)
class Factorial:
    """All estimable effects, marginal means, and the terms that this layout cannot tell."""

    effects: tuple[Effect, ...]
    marginal_means: tuple[MarginalMean, ...]
    not_estimable: Mapping[Term, tuple[Term, ...]]
    """Term -> the estimable terms that it is aliased with; none where combinations are simply missing"""


def analyse_factorial(values: Values, factors: Mapping[str, Mapping[str, str]], level: float = 0.95) -> Factorial:
    """Effects of `factors` (row -> factor -> level) on the values, as one family; factors of one level are left out.

    ConfigError for a row without factors, or with others than the first row's.
    """
    fit = fit_blocks(values)
    layout = layout_of(fit.rows, factors)
    terms: list[Term] = []
    contrasts: list[Contrast] = []
    aliases: list[tuple[Term, ...]] = []
    for term in layout.kept[1:]:
        for chosen in product(*(layout.levels[factor][1:] for factor in term)):
            cell = dict(zip(term, chosen, strict=True))
            weights = layout.difference(cell)
            name = " x ".join(f"{factor}={found}" for factor, found in cell.items())
            terms.append(term)
            contrasts.append(Contrast(name, dict(zip(fit.rows, weights.tolist(), strict=True))))
            aliases.append(layout.aliases(weights))
    found = zip(terms, estimate_contrasts(fit, contrasts, level), aliases, strict=True)
    effects = tuple(Effect(term, estimate, aliased) for term, estimate, aliased in found)
    blocked = {
        term: tuple(dict.fromkeys(effect.term for effect in effects if term in effect.aliased_with))
        for term in layout.left
    }
    return Factorial(effects, _marginal_means(fit, layout), blocked)


def _marginal_means(fit: BlockFit, layout: Layout) -> tuple[MarginalMean, ...]:
    factors = [term[0] for term in layout.kept if len(term) == 1]
    return tuple(
        MarginalMean(factor, level, float(layout.weights({factor: level}) @ fit.means))
        for factor in factors
        for level in layout.levels[factor]
    )

"""Rows against a baseline: the block analysis where its assumptions hold, pairs where they fail; it says which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yololab.errors import ConfigError, did_you_mean
from yololab.statistics.assumptions import Check, check_equal_variances, check_outliers
from yololab.statistics.blocks import BlockFit, Values, fit_blocks
from yololab.statistics.contrasts import Contrast, Estimate, differences_to, estimate_contrasts
from yololab.statistics.pairs import estimate_pairs

METHODS = ("auto", "block", "pairs")


@dataclass(frozen=True, eq=False)
class Comparison:
    """All rows against the baseline, further contrasts after them, how they were judged and why so."""

    baseline: str
    method: str
    """block: error pooled over all rows, Dunnett; pairs: paired t for each row, Bonferroni"""
    reason: str
    estimates: tuple[Estimate, ...]
    fit: BlockFit
    checks: tuple[Check, ...]


def compare_to_baseline(
    values: Values, baseline: str, level: float = 0.95, method: str = "auto", further: Sequence[Contrast] = ()
) -> Comparison:
    """Judge every row against the baseline, and `further` contrasts; simultaneous error 1 - level over all of them.

    `method`: "auto" asks the checks, "block" and "pairs" (for contrasts of two rows) are as said.
    """
    if method not in METHODS:
        raise ConfigError(f"no method {method!r} of comparing rows{did_you_mean(method, METHODS)}")
    fit = fit_blocks(values)
    fit.index(baseline)
    checks = (check_equal_variances(fit), check_outliers(fit))
    failed = [check for check in checks if check.passed is False]
    if method == "auto":
        chosen = "pairs" if failed else "block"
        reason = "; ".join(f"the check of {check.name} fails: {check.detail}" for check in failed) or _fine(checks)
    else:
        chosen, reason = method, "asked for"
    contrasts = (*differences_to(fit.rows, baseline), *further)
    if chosen == "pairs":
        estimates = estimate_pairs(values, contrasts, level)
    else:
        estimates = estimate_contrasts(fit, contrasts, level)
    return Comparison(baseline, chosen, reason, estimates, fit, checks)


def _fine(checks: tuple[Check, ...]) -> str:
    held = [check.name for check in checks if check.passed]
    open_ = [check.name for check in checks if check.passed is None]
    parts = [f"{' and '.join(held)} hold"] if held else []
    parts += [f"too few seeds to check {' and '.join(open_)}"] if open_ else []
    return "; ".join(parts)

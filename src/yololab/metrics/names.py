"""Names of metrics, and the one unit in which people read them: percent with one decimal. Files keep fractions."""

from __future__ import annotations

import math
from collections.abc import Mapping

from yololab.errors import ConfigError, did_you_mean
from yololab.metrics.coco_eval import PER_CLASS_NAMES, STAT_NAMES

PERCENT = 100
OPERATING = ("precision", "recall", "F1")
"""At the confidence of the best F1; see yololab.statistics.operating_point."""
SHORT = {
    "AP": "mAP",
    "AP50": "mAP50",
    "AP75": "mAP75",
    "AP_S": "mAP_small",
    "AP_M": "mAP_medium",
    "AP_L": "mAP_large",
    "mAP50-95": "mAP",
    "P": "precision",
    "R": "recall",
}
"""What papers and the references call them."""
CLASS = "AP/"
"""Before the name of a class: its AP alone"""


def percent_text(value: float) -> str:
    """A fraction as people read it: "52.4"; NaN, nothing to measure, is "undefined"."""
    return f"{PERCENT * value:.1f}" if value >= 0 else "undefined"


def number(value: float) -> float:
    """As Python's float, every NaN the very same object: dictionaries of equal numbers then compare equal."""
    return math.nan if math.isnan(value) else float(value)


def is_score(name: str) -> bool:
    """Whether a name ("mAP", "val/mask_mAP50", "AR1") is that of one of COCO's numbers."""
    return name.rpartition("/")[2].removeprefix("mask_") in (*STAT_NAMES, *PER_CLASS_NAMES)


def defined_only(metrics: Mapping[str, float]) -> dict[str, float]:
    """Without the scores that have nothing to measure (NaN)."""
    return {name: value for name, value in metrics.items() if not (is_score(name) and math.isnan(value))}


def in_percent(metrics: Mapping[str, float]) -> dict[str, float]:
    """The same, COCO's numbers in percent as tables have them and losses as they are."""
    return {name: PERCENT * value if is_score(name) else value for name, value in defined_only(metrics).items()}


def metric_named(name: str) -> str:
    """The full name of a metric, which may be short ("AP_S", "P"), a mask's ("mask_mAP") or a class's ("AP/dog").

    ConfigError with the nearest name where there is none.
    """
    full = SHORT.get(name, name)
    known = (*STAT_NAMES, *OPERATING)
    if full in known or full.removeprefix("mask_") in STAT_NAMES or (full.startswith(CLASS) and full != CLASS):
        return full
    names = (*known, *SHORT, f"{CLASS}<class>")
    raise ConfigError(f"no metric {name!r}{did_you_mean(name, names)}; expected some of {', '.join(names)}")

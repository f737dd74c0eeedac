"""Images whose detections changed most between two rows: errors at IoU 0.5 and SCORE, over the seeds that both have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yololab.errors import YololabError
from yololab.run.detections import MATCHES_FILE
from yololab.run.diagnosis import SCORE
from yololab.statistics.matches import Matches
from yololab.study.rows import Row


@dataclass(frozen=True)
class Change:
    """An image by its place in the order of image ids, and the mean errors of both rows on it."""

    image: int
    before: float
    after: float

    @property
    def size(self) -> float:
        """Errors gained; below 0: errors less."""
        return self.after - self.before


def errors_by_image(matches: Matches) -> np.ndarray | None:
    """(images,) wrong detections above SCORE and labels that none of them found, at IoU 0.5.

    None where the run kept no scores.
    """
    if matches.score is None:
        return None
    shown = matches.score >= SCORE
    right = matches.matched[0, 0] & ~matches.ignored[0, 0] & shown
    wrong = ~matches.matched[0, 0] & ~matches.ignored[0, 0] & shown
    count = matches.num_images
    labels = np.bincount(matches.truth_image, weights=matches.truth_counts[0], minlength=count)
    found = np.bincount(matches.image[right], minlength=count)
    return np.bincount(matches.image[wrong], minlength=count) + labels - found


def most_changed(study: Path, before: Row, after: Row, count: int) -> list[Change]:
    """The `count` images whose number of errors changed most, the largest change first; nothing where it is unknown."""
    seeds = sorted(before.records.keys() & after.records.keys())
    first, second = (_mean_errors(study, [row.records[seed].run_id for seed in seeds]) for row in (before, after))
    if first is None or second is None or len(first) != len(second):
        return []
    order = np.argsort(-np.abs(second - first), kind="stable")[:count]
    return [Change(int(i), float(first[i]), float(second[i])) for i in order if first[i] != second[i]]


def _mean_errors(study: Path, run_ids: Sequence[str]) -> np.ndarray | None:
    found = []
    for run_id in run_ids:
        path = study / run_id / MATCHES_FILE
        try:
            errors = errors_by_image(Matches.load(path)) if path.is_file() else None
        except YololabError:
            return None
        if errors is None or (found and len(errors) != len(found[0])):
            return None
        found.append(errors)
    return np.mean(found, axis=0) if found else None

"""Replicates of a study's runs over resampled images, where the runs have kept what they matched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from yololab.errors import YololabError
from yololab.metrics.names import CLASS, PERCENT
from yololab.run.detections import MATCHES_FILE
from yololab.run.record import RunRecord
from yololab.statistics.bootstrap import SIZES, image_weights
from yololab.statistics.nested import ImageReplicates, replicate_study
from yololab.study.rows import Row

REPLICATES = 200
RESAMPLED = ("mAP", "mAP50", "mAP75", *SIZES.values())
"""Metrics that can be computed of any choice of images, beside those of single classes"""


Replicates = tuple[dict[str, dict[int, ImageReplicates]], int]
"""By place of the row and seed, and the number of images"""


def replicates_and_remark(
    rows: Sequence[Row], values: Mapping[str, Mapping[int, float]], metric: str, study: Path | None
) -> tuple[Replicates | None, str]:
    """As `replicates_of` has them, and what a reader must be warned of where damage hides them."""
    try:
        return replicates_of(rows, values, metric, study), ""
    except YololabError as error:
        return None, f"{error}: intervals cover seeds alone"


def replicates_of(
    rows: Sequence[Row], values: Mapping[str, Mapping[int, float]], metric: str, study: Path | None
) -> Replicates | None:
    """Replicates in percent, by place of the row and seed as in `values`, and the number of images.

    None where a run has kept no matches, the metric is none that images can be drawn for, or the images differ;
    YololabError that names a run's matches where they are damaged.
    """
    records = {name: {seed: rows[int(name)].records[seed] for seed in found} for name, found in values.items()}
    every = [record for found in records.values() for record in found.values()]
    name = _name_in_matches(metric, _classes_of(every[0]))
    if study is None or name is None:
        return None
    files = {
        row: {s: study / record.run_id / MATCHES_FILE for s, record in runs.items()} for row, runs in records.items()
    }
    counts = {record.images.get(record.final) for record in every}
    if len(counts) != 1 or len({record.data_fingerprint for record in every}) != 1:
        return None
    if not all(path.is_file() for found in files.values() for path in found.values()):
        return None
    count = counts.pop()
    assert count is not None
    weights = image_weights(count, REPLICATES, np.random.default_rng(0))
    runs = replicate_study(files, weights, name)
    percent = {
        row: {seed: ImageReplicates(PERCENT * run.value, PERCENT * run.replicates) for seed, run in found.items()}
        for row, found in runs.items()
    }
    return percent, count


def _classes_of(record: RunRecord) -> Sequence[str]:
    """Names by label; records of earlier versions have them where the configuration lists them."""
    data = record.science.get("data")
    listed = data.get("classes") if isinstance(data, Mapping) else None
    return record.classes or list(listed or ())


def _name_in_matches(metric: str, classes: Sequence[str]) -> str | None:
    """Matches know classes by COCO's category ids, which are places from 1."""
    if metric in RESAMPLED:
        return metric
    single = metric.removeprefix(CLASS)
    return f"{CLASS}{classes.index(single) + 1}" if metric.startswith(CLASS) and single in classes else None

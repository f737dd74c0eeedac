"""What statistics need of a run and a network must not be asked again: its final detections, and what they match.

`detections.parquet`: a row per detection of the images judged, original pixels, at most 300 an image, zstd.
`matches.npz`: which of them match at each IoU and size, per image; mAP on any choice of images comes from it. Both are
of the split that final numbers come from.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from yololab.files import whole_file
from yololab.statistics.matcher import match_detections
from yololab.statistics.matches import Matches

if TYPE_CHECKING:
    from yololab.metrics.coco_metric import Evaluation  # torchmetrics takes seconds to import, and tables do without

DETECTIONS_FILE = "detections.parquet"
MATCHES_FILE = "matches.npz"
MOST_PER_IMAGE = 300
COLUMNS = ("x", "y", "width", "height", "score")


def write_detections(evaluation: Evaluation, folder: Path) -> Matches:
    """Write both files of an evaluation into a run's folder, each whole or not at all; what was matched."""
    import pyarrow.parquet  # slow, and tables need none of it

    rows = _best(evaluation.detections)
    columns = {"image_id": rows[:, 0].astype(np.int64), "label": (rows[:, 6] - 1).astype(np.int32)}
    columns |= {name: rows[:, index].astype(np.float32) for index, name in enumerate(COLUMNS, start=1)}
    with whole_file(folder / DETECTIONS_FILE) as temporary:
        pyarrow.parquet.write_table(pyarrow.table(columns), temporary, compression="zstd")
    matches = match_detections(evaluation.ground_truth, evaluation.detections)
    # A stream, since numpy would add an ending to a name.
    with whole_file(folder / MATCHES_FILE) as temporary, temporary.open("wb") as stream:
        matches.save(stream)
    return matches


def _best(rows: np.ndarray) -> np.ndarray:
    """The MOST_PER_IMAGE best of every image, by image and falling score."""
    rows = rows[np.lexsort((-rows[:, 5], rows[:, 0]))]
    starts = np.searchsorted(rows[:, 0], rows[:, 0])
    return rows[np.arange(len(rows)) - starts < MOST_PER_IMAGE]

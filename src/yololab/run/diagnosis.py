"""What a run gets wrong: its confusion matrix, and how much AP each kind of error costs, kept in diagnosis.json.

Kinds are TIDE's (Bolya et al., ECCV 2020), counted by hotcoco at IoU 0.5, background below 0.1: `Cls` a wrong class at
the right place, `Loc` the right class at a wrong place, `Both`, `Dupe` a second detection of one object, `Bkg` a
detection of nothing, `Miss` an object that nothing found. A kind's cost is what AP50 would gain were it mended.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from yololab.errors import YololabError
from yololab.files import read_json, write_text

if TYPE_CHECKING:
    from yololab.metrics.coco_metric import Evaluation  # torchmetrics takes seconds to import

DIAGNOSIS_FILE = "diagnosis.json"
KINDS = ("Cls", "Loc", "Both", "Dupe", "Bkg", "Miss")
IOU, BACKGROUND, SCORE = 0.5, 0.1, 0.25


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """Of the split that final numbers come from."""

    classes: tuple[str, ...]
    confusion: np.ndarray
    """(classes + 1, classes + 1) counts at IoU and SCORE; rows are labels, columns predictions, the last is nothing"""
    costs: Mapping[str, float]
    """AP50 that each of KINDS costs, as a fraction"""
    counts: Mapping[str, int]
    """How many detections or labels are of each kind"""

    def write(self, folder: Path) -> None:
        """Write diagnosis.json, whole or not at all; of the matrix, what is not 0."""
        cells = [[*map(int, place), int(self.confusion[tuple(place)])] for place in np.argwhere(self.confusion)]
        content = {"classes": self.classes, "iou": IOU, "score": SCORE, "background_iou": BACKGROUND}
        errors = {kind: {"ap50": self.costs[kind], "count": self.counts[kind]} for kind in KINDS}
        write_text(folder / DIAGNOSIS_FILE, json.dumps({**content, "confusion": cells, "errors": errors}))


def diagnose(evaluation: Evaluation, classes: Sequence[str]) -> Diagnosis:
    """Of an evaluation's boxes."""
    import hotcoco

    truth = hotcoco.COCO(evaluation.ground_truth)
    evaluator = hotcoco.COCOeval(truth, truth.load_res(evaluation.detections), "bbox")
    confusion = np.asarray(evaluator.confusion_matrix(iou_thr=IOU, min_score=SCORE)["matrix"]).astype(np.int64)
    evaluator.evaluate()
    found: Mapping[str, Any] = evaluator.tide_errors(pos_thr=IOU, bg_thr=BACKGROUND)
    costs = {kind: float(found["delta_ap"][kind]) for kind in KINDS}
    return Diagnosis(tuple(classes), confusion, costs, {kind: int(found["counts"][kind]) for kind in KINDS})


def read_diagnosis(folder: Path) -> Diagnosis | None:
    """What `write` wrote; None where there is nothing, as of earlier versions. YololabError where it is damaged."""
    path = folder / DIAGNOSIS_FILE
    try:
        content = read_json(path)
        classes, errors = tuple(map(str, content["classes"])), content["errors"]
        confusion = np.zeros((len(classes) + 1, len(classes) + 1), np.int64)
        for row, column, count in content["confusion"]:
            if min(row, column, count) < 0:
                raise ValueError("a count below 0")
            confusion[row, column] = count
        costs = {kind: float(errors[kind]["ap50"]) for kind in KINDS}
        if not all(math.isfinite(cost) for cost in costs.values()):
            raise ValueError("a cost that is no number")
        return Diagnosis(classes, confusion, costs, {kind: int(errors[kind]["count"]) for kind in KINDS})
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError, IndexError, OverflowError) as error:
        raise YololabError(f"{path}: no readable diagnosis ({str(error)[:200]})") from error

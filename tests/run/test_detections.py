from __future__ import annotations

import numpy as np
import pyarrow.parquet

from coco_case import coco_case
from yololab.metrics.coco_eval import evaluate
from yololab.metrics.coco_metric import Evaluation
from yololab.run.detections import DETECTIONS_FILE, MATCHES_FILE, write_detections
from yololab.statistics.bootstrap import replicate_metrics
from yololab.statistics.matches import Matches


def test_what_is_kept_gives_the_run_its_own_map_without_a_network(tmp_path):
    truth, rows = coco_case()
    evaluation = Evaluation(evaluate(truth, rows), truth, rows)
    write_detections(evaluation, tmp_path)
    matches = Matches.load(tmp_path / MATCHES_FILE)
    found = replicate_metrics(matches, np.ones((1, matches.num_images))).of("mAP")[0]
    assert abs(found - evaluation.metrics["mAP"]) < 1e-9
    table = pyarrow.parquet.read_table(tmp_path / DETECTIONS_FILE)
    assert table.num_rows == len(rows)
    assert table.column_names == ["image_id", "label", "x", "y", "width", "height", "score"]


def test_the_best_300_of_an_image_are_kept(tmp_path):
    truth, rows = coco_case()
    many = np.repeat(rows[:1], 400, axis=0)
    many[:, 5] = np.linspace(0, 1, 400)
    write_detections(Evaluation(evaluate(truth, many), truth, many), tmp_path)
    scores = pyarrow.parquet.read_table(tmp_path / DETECTIONS_FILE).column("score").to_numpy()
    assert len(scores) == 300
    assert scores.min() > 0.24

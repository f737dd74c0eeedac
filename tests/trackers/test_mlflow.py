from __future__ import annotations

import sys

import numpy as np
import pytest

from yololab.errors import ConfigError
from yololab.trackers.base import GraphTable, TrackedRun
from yololab.trackers.mlflow import MLflowTracker
from yololab.trackers.picture import Boxes, Picture


def tracked(folder):
    folder.mkdir(exist_ok=True)
    graph = GraphTable(lines=[("backbone.stem", "Conv", "image", "16x32x32", 432, 0.1)])
    return TrackedRun(
        "r0123456789", "demo", folder, {"seed": 0, "choices": {"attention": "eca"}}, "eca, seed 0", lambda: graph
    )


def test_a_study_has_one_database_that_holds_curves_numbers_graph_and_pictures(tmp_path):
    from mlflow import MlflowClient

    drawn = tmp_path / "image.jpg"
    drawn.write_bytes(b"jpeg")
    picture = Picture(drawn, np.zeros((8, 8, 3), np.uint8), Boxes(np.zeros((0, 4)), np.zeros(0)), None, ("a",))
    tracker = MLflowTracker(tracked(tmp_path / "r0123456789"))
    tracker.logger.log_metrics({"val/mAP": 0.25, "train/box": 2.0, "val/mAP_large": float("nan")}, 1)
    tracker.finish({"mAP": 0.25, "run_id": "r0123456789"}, [picture])

    client = MlflowClient(f"sqlite:///{tmp_path / 'mlflow.db'}")
    (run,) = client.search_runs([client.get_experiment_by_name("demo").experiment_id])
    assert run.info.run_name == "eca, seed 0"
    assert run.info.status == "FINISHED"
    assert run.data.metrics == {"val/mAP": 25.0, "train/box": 2.0, "final/mAP": 0.25}
    assert run.data.params["choices/attention"] == "eca"
    assert run.data.tags["yololab.run"] == "r0123456789"
    assert {item.path for item in client.list_artifacts(run.info.run_id)} == {"graph.json", "predictions"}
    assert [item.path for item in client.list_artifacts(run.info.run_id, "predictions")] == ["predictions/image.jpg"]


def test_a_resumed_run_goes_on_in_the_same_mlflow_run(tmp_path):
    first = MLflowTracker(tracked(tmp_path / "r0123456789"))
    first.abandon()
    second = MLflowTracker(tracked(tmp_path / "r0123456789"))
    assert second.external_id == first.external_id
    second.finish({"mAP": 0.5}, [])


def test_without_mlflow_it_says_what_to_install(tmp_path, monkeypatch):
    import lightning.pytorch.loggers.mlflow as theirs

    monkeypatch.setattr(theirs, "_MLFLOW_AVAILABLE", False)
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(ConfigError, match=r"pip install 'yololab\[mlflow\]'"):
        MLflowTracker(tracked(tmp_path / "r0"))

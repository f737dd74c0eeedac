from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from study.case import record
from yololab.assemble import build_detector, make_parts
from yololab.config.compose import compose
from yololab.metrics.coco_eval import evaluate
from yololab.metrics.coco_metric import Evaluation, ground_truth
from yololab.report.contents import read_contents
from yololab.report.images import MOST_MAPS, images_of
from yololab.report.images_section import images_section
from yololab.run.detections import write_detections
from yololab.run.folder import RunFolder, RunSpec

BASE = ["data=shapes_smoke", "model=yolov8", "scale.width=0.125", "image_size=64", "insert_pos=neck"]


@pytest.fixture
def study(tmp_path):
    """Two rows of one seed: the second finds nothing; checkpoints hold random weights."""
    for name in ("none", "eca"):
        config = compose([*BASE, f"attention={name}"])
        data = make_parts(config).source.read("val")
        one = record(0, 0.5 if name == "none" else 0.1, data=f"x-{data.fingerprint()}", attention=name)
        one = replace(one, classes=list(data.classes))
        folder = RunFolder(tmp_path / one.run_id)
        folder.freeze(RunSpec(config, {"attention": name}, []))
        one.write(folder.path)
        rows = [
            [r.image_id, *box[:2], *(box[2:] - box[:2]), 0.9, label + 1]
            for r in data.records
            for box, label in zip(r.boxes_xyxy, r.labels, strict=True)
        ]
        found = np.array(rows if name == "none" else [], dtype=float).reshape(-1, 7)
        truth = ground_truth(data.records, data.classes)
        write_detections(Evaluation(evaluate(truth, found), truth, found), folder.path)
        state = build_detector(config, len(data.classes)).state_dict()
        torch.save({"state_dict": {f"detector.{k}": v for k, v in state.items()}}, folder.last_checkpoint)
    return tmp_path


def shown(study):
    contents = read_contents(study)
    first, second = contents.table.results
    return images_of(study, first, second, ("none", "eca"))


def test_images_have_labels_both_detections_and_maps_of_both_networks(study):
    found = shown(study)
    assert found.reason == ""
    assert len(found.images) > 1
    first = found.images[0]
    assert [panel.caption for panel in first.panels] == ["labels", "none", "eca"]
    assert first.change.before == 0 < first.change.after
    assert [panel.caption for panel in first.maps] == ["none: Eigen-CAM", "eca: Eigen-CAM"]
    assert [gate.node for gate in first.gates] == ["neck.spp_attention"]
    assert not any(image.maps for image in found.images[MOST_MAPS:])


def test_without_checkpoints_there_are_detections_alone(study):
    for path in study.glob("*/checkpoints/last.ckpt"):
        path.unlink()
    found = shown(study)
    assert found.images
    assert not any(image.maps or image.gates for image in found.images)


@pytest.mark.parametrize("broken", ["data", "detections", "weights"])
def test_what_cannot_be_shown_is_said(study, broken):
    if broken == "data":
        for path in study.glob("*/results.json"):
            path.write_text(path.read_text().replace('"x-', '"x-0'))
    if broken == "detections":
        next(study.glob("*/detections.parquet")).write_bytes(b"no")
    if broken == "weights":
        for path in study.glob("*/checkpoints/last.ckpt"):
            path.write_bytes(b"no")
    found = shown(study)
    assert not found.images
    words = {"data": "not that which was judged", "detections": "no readable detections", "weights": "cannot be read"}
    assert words[broken] in found.reason
    assert found.reason in images_section(read_contents(study)).replace("&#x27;", "'")

from __future__ import annotations

import pytest

import yololab


@pytest.mark.parametrize(
    ("scale", "parameters", "printed"),
    [
        ("n", 3_157_200, 8.9),
        ("s", 11_166_560, 28.8),
        ("m", 25_902_640, 79.3),
        ("l", 43_691_520, 165.7),
        ("x", 68_229_648, 258.5),
    ],
)
def test_yolov8_has_the_published_size_and_the_printed_gflops(scale, parameters, printed):
    from yololab.detector.complexity import measure

    counts = measure(yololab.build(["model=yolov8", f"scale={scale}", "num_classes=80"], device="meta"), 640)
    assert counts.params_train == parameters
    assert round(counts.gflops_printed, 1) == printed


def test_the_tutorials_yolov9_has_its_published_size():
    from yololab.detector.complexity import count_parameters

    detector = yololab.build(["model=yolov9", "num_classes=80"], device="meta")
    assert (count_parameters(detector), count_parameters(detector, trainable=True)) == (60_979_712, 60_979_680)


@pytest.mark.parametrize(
    ("model", "millions", "gflops"), [("s", 7.1, 26.4), ("m", 20.0, 76.3), ("c", 25.3, 102.1), ("e", 57.3, 189.0)]
)
def test_yolov9_deploy_forms_have_the_papers_size_and_gflops(model, millions, gflops):
    """YOLOv9's README counts the main branch, fused, with thop: batch norms gone, upsampling counted."""
    from yololab.detector.complexity import count_parameters, thop_counts

    deployed = yololab.build([f"model=yolov9_{model}", "num_classes=80"], device="meta").deploy()
    assert round(count_parameters(deployed) / 1e6, 1) == millions
    assert round(thop_counts(deployed, 640)[0], 1) == gflops


@pytest.mark.parametrize(
    ("overrides", "printed"),
    [(["model=yolo11", "scale=n"], 6.7), (["model=yolo11", "head=segment_light"], 10.0), (["model=yolo12"], 7.6)],
)
def test_ultralytics_84_prints_attention_and_no_upsampling(overrides, printed):
    from yololab.detector.complexity import measure

    detector = yololab.build([*overrides, "num_classes=80"], device="meta")
    assert round(measure(detector, 640).gflops_printed_84, 1) == printed

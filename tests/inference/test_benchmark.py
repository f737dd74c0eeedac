from __future__ import annotations

import pytest
import torch

import yololab
from yololab.errors import ConfigError
from yololab.inference.benchmark import Subject, benchmark

CPU = torch.device("cpu")


def subject(loaded, *overrides):
    detector = yololab.build(["experiment=smoke", *overrides])
    return Subject(detector.eval().deploy(), loaded.card)


def test_a_larger_detector_takes_longer_and_a_larger_batch_more_images(loaded):
    subjects = {"small": subject(loaded), "wide": subject(loaded, "scale.width=1.0")}
    found = benchmark(subjects, batches=(1, 4), rounds=5, device=CPU)
    small, wide = found["small"], found["wide"]
    assert [timing.batch for timing in small] == [1, 4]
    assert wide[0].median_ms > small[0].median_ms > 0
    assert small[0].low_ms <= small[0].median_ms <= small[0].high_ms <= small[0].p95_ms
    assert small[1].images_per_second == pytest.approx(4000 / small[1].median_ms)


def test_onnx_runtime_is_timed_beside_pytorch(loaded):
    pytest.importorskip("onnxruntime")
    if tuple(map(int, torch.__version__.split(".")[:2])) < (2, 7):
        pytest.skip("torch 2.6's ONNX exporter does not fit the onnx-ir that onnxscript brings")
    found = benchmark({"a": subject(loaded)}, backends=("pytorch", "onnx"), rounds=4, device=CPU)["a"]
    assert [timing.backend for timing in found] == ["pytorch", "onnx"]
    assert all(timing.median_ms > 0 for timing in found)


@pytest.mark.parametrize(
    ("options", "message"), [({"rounds": 1}, "expected at least 4"), ({"backends": ("onx",)}, "did you mean 'onnx'")]
)
def test_what_cannot_be_is_refused(loaded, options, message):
    with pytest.raises(ConfigError, match=message):
        benchmark({}, device=CPU, **options)

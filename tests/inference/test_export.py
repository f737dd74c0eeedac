"""Every format that can be run here, in every form, compared with PyTorch; and what cannot be asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from inference.conftest import trained
from yololab.errors import ConfigError, RunFailed, YololabError
from yololab.inference import export_check
from yololab.inference.export import export
from yololab.inference.export_options import ExportOptions
from yololab.inference.load import load
from yololab.inference.loaded import Thresholds
from yololab.inference.sources import Frame

FORMS = [
    ("onnx", {}),
    ("onnx", {"nms": True, "batch": 2}),
    ("onnx", {"dynamic": True}),
    ("onnx", {"half": True}),
    ("torchscript", {"nms": True}),
    ("torchscript", {"half": True, "batch": 2}),
    ("openvino", {}),
    ("openvino", {"dynamic": True}),
    ("openvino", {"nms": True, "half": True}),
]
NEEDED = {"onnx": ("onnxruntime", "onnxscript"), "openvino": ("openvino", "onnxscript"), "torchscript": ()}


def need(kind):
    for module in NEEDED[kind]:
        pytest.importorskip(module)
    if kind != "torchscript" and tuple(map(int, torch.__version__.split(".")[:2])) < (2, 7):
        pytest.skip("torch 2.6's ONNX exporter does not fit the onnx-ir that onnxscript brings")


@pytest.mark.parametrize(("kind", "options"), FORMS, ids=[f"{k}-{'-'.join(o) or 'plain'}" for k, o in FORMS])
def test_a_file_finds_in_its_own_runtime_what_pytorch_finds(loaded, tmp_path, kind, options):
    need(kind)
    own = {"confidence": 0.002} if "nms" in options else {}
    found = export(loaded, kind, tmp_path / "model", ExportOptions(**own, **options))
    assert "compared with PyTorch on 4 images of its validation split: " in found.checked
    # In float16 no score of so small a training is clear of the threshold by more than rounding.
    assert ("was not put to the test" if options.keys() >= {"nms", "half"} else "boxes within") in found.checked
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    again = load(found.path, trust=True)
    assert again.detector is None
    rng = np.random.default_rng(0)
    images = [Frame(str(i), rng.integers(0, 255, (50, 64, 3)).astype(np.uint8)) for i in range(3)]
    thresholds = Thresholds(confidence=0.003, max_detections=20)
    for (_, ours), (_, theirs) in zip(loaded.stream(images, thresholds), again.stream(images, thresholds), strict=True):
        assert len(ours) > 0
        assert abs(len(ours) - len(theirs)) <= (2 if "half" in options else 0)
        count = min(len(ours), len(theirs))
        assert theirs.scores[:count] == pytest.approx(ours.scores[:count], abs=2e-3 if "half" in options else 1e-5)


def test_masks_leave_with_their_prototypes(with_masks, tmp_path):
    need("onnx")
    for nms in (False, True):
        own = {"nms": True, "confidence": 0.002} if nms else {}
        found = export(with_masks, "onnx", tmp_path / f"{nms}", ExportOptions(**own))
        assert "prototypes within" in found.checked
        again = load(found.path)
        image = Frame("a", np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8))
        thresholds = Thresholds(confidence=0.003, max_detections=5)
        [(_, ours)], [(_, theirs)] = with_masks.stream([image], thresholds), again.stream([image], thresholds)
        assert (ours.masks != theirs.masks).mean() < 1e-3


@pytest.mark.parametrize(
    "overrides", [["model=yolov9_t"], ["model=yolov6"], ["attention=gam"], ["block=c2f_ghost_dynamic"]]
)
def test_other_families_and_parts_leave_too(tmp_path, overrides):
    need("onnx")
    scale = [] if "yolov9" in overrides[0] else ["scale=p"]
    folder = trained(tmp_path, *overrides, *scale, "data.train=4", "data.val=2")
    found = export(load(folder.path, device="cpu"), "onnx", tmp_path / "model", ExportOptions())
    assert "boxes within" in found.checked


def test_core_ml_is_written_where_it_cannot_be_run(loaded, tmp_path):
    coremltools = pytest.importorskip("coremltools")
    found = export(loaded, "coreml", tmp_path / "model", ExportOptions())
    assert found.path.is_dir()
    assert found.checked == "not compared with PyTorch: Core ML runs on Apple's systems"
    content = coremltools.models.MLModel(str(found.path), skip_model_load=True).get_spec()
    assert [output.name for output in content.description.output] == ["boxes", "scores"]


def test_a_file_that_computes_something_else_is_removed(loaded, tmp_path, monkeypatch):
    good = export(loaded, "torchscript", tmp_path / "model", ExportOptions()).path
    kept = good.read_bytes()
    monkeypatch.setattr(export_check, "TOLERANCE", {False: (-1.0, -1.0), True: (-1.0, -1.0)})
    with pytest.raises(RunFailed, match="does not compute what PyTorch does .*was not kept"):
        export(loaded, "torchscript", tmp_path / "model", ExportOptions())
    assert [path.name for path in tmp_path.iterdir()] == ["model.torchscript"]
    assert good.read_bytes() == kept  # an earlier file stays


def test_a_name_keeps_its_dots_and_a_folder_gets_a_file_in_it(loaded, tmp_path):
    assert export(loaded, "torchscript", tmp_path / "yolov8-1.5", ExportOptions()).path.name == "yolov8-1.5.torchscript"
    assert export(loaded, "torchscript", tmp_path, ExportOptions()).path == tmp_path / "model.torchscript"
    assert export(loaded, "torchscript", tmp_path / "new" / "a", ExportOptions()).path.is_file()


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("onx", {}, "format=onx: expected one of .*did you mean 'onnx'"),
        ("onnx", {"nms": True, "dynamic": True}, "suppression inside needs a fixed size"),
        ("onnx", {"batch": 3, "dynamic": True}, "a dynamic file takes any batch"),
        ("onnx", {"batch": 0}, "batch=0"),
        ("torchscript", {"dynamic": True}, "torchscript is made by tracing one size"),
        ("safetensors", {"half": True}, "nothing to choose"),
        ("onnx", {"confidence": 7, "nms": True}, "numbers from 0 to 1"),
        ("onnx", {"confidence": 0.5}, "without nms there is none"),
        ("onnx", {"nms": True, "max_detections": -5}, "max_detections=-5: expected at least 1"),
    ],
)
def test_what_cannot_be_is_refused(loaded, tmp_path, kind, options, message):
    with pytest.raises(ConfigError, match=message):
        export(loaded, kind, tmp_path / "model", ExportOptions(**options))


def test_a_missing_tool_is_named_with_the_way_to_it(loaded, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tensorrt", None)
    with pytest.raises(YololabError, match=r"this format needs tensorrt: pip install 'yololab\[tensorrt\]'"):
        export(loaded, "tensorrt", tmp_path / "model", ExportOptions())


def test_without_its_data_a_detector_is_compared_on_scenes(loaded, tmp_path):
    data = {"_target_": "yololab.data.YOLOSource", "root": "/none", "train": "a", "val": "b", "test": None}
    config = {**loaded.card.config, "data": {**data, "final": "val", "on_error": "drop"}}
    away = type(loaded)(loaded.backend, replace(loaded.card, config=config), loaded.detector)
    found = export(away, "torchscript", tmp_path / "model", ExportOptions())
    assert "4 embedded scenes (its data is away)" in found.checked


def test_an_exported_file_is_not_exported_again(loaded, tmp_path):
    found = export(loaded, "torchscript", tmp_path / "model", ExportOptions())
    with pytest.raises(ConfigError, match="exported already"):
        export(load(found.path, trust=True), "onnx", tmp_path / "again", ExportOptions())

from __future__ import annotations

import io

import pytest
import torch
from torch import nn

import yololab

SMALL = ["num_classes=3", "image_size=64"]


MODELS = {
    "yolov8": ["model=yolov8", "scale=p"],
    "yolov9": ["model=yolov9", "scale=p"],
    "yolov9_t": ["model=yolov9_t", "scale.width=0.5"],
    "yolov9_e": ["model=yolov9_e", "scale.width=0.125"],
    "gelan_c": ["model=gelan_c", "scale.width=0.125"],
    "yolov6": ["model=yolov6", "scale=p"],
    "yolov9_attended": ["model=yolov9", "scale=p", "attention=gam", "insert_pos=all_heads"],
    "ghost": ["model=yolov8", "scale=p", "block=c2f_ghost_dynamic"],
    "segment": ["model=yolov8", "scale=p", "head=v8_segment"],
}


def trained(detector):
    """Give batch norms statistics and weights that are not their initial ones."""
    generator = torch.Generator().manual_seed(0)
    for module in detector.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.weight.data, module.running_var):
                tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)
            for tensor in (module.bias.data, module.running_mean):
                tensor.copy_(torch.rand(tensor.shape, generator=generator) - 0.5)
    return detector


def relative_difference(a, b):
    return float((a - b).abs().max() / b.abs().max())


@pytest.mark.parametrize("name", MODELS)
def test_deploy_form_gives_the_same_outputs_with_fewer_parameters(name):
    detector = trained(yololab.build([*MODELS[name], *SMALL])).eval()
    images = torch.rand(2, 3, 64, 96, generator=torch.Generator().manual_seed(1))
    deployed = detector.deploy()
    with torch.no_grad():
        expected, got = detector(images), deployed(images)
    for field in ("boxes_xyxy", "scores"):
        assert relative_difference(getattr(got, field), getattr(expected, field)) < 1e-4
    count = [sum(p.numel() for p in model.parameters()) for model in (deployed, detector)]
    assert count[0] < count[1]
    assert not any(name.startswith("aux") for name in deployed.state_dict())


def test_deploying_leaves_the_original_as_it_was():
    detector = yololab.build([*MODELS["yolov9"], *SMALL])
    before = {key: value.clone() for key, value in detector.state_dict().items()}
    detector.deploy()
    assert detector.training
    assert all(torch.equal(value, before[key]) for key, value in detector.state_dict().items())


def test_training_mode_yields_raw_maps_of_every_branch_and_eval_mode_detections():
    detector = yololab.build([*MODELS["yolov9"], *SMALL])
    images = torch.rand(2, 3, 64, 64)
    maps = detector(images)
    assert list(maps) == ["aux", "main"]
    assert [tuple(level.shape) for level in maps["main"].levels] == [(2, 67, 8, 8), (2, 67, 4, 4), (2, 67, 2, 2)]
    found = detector.eval()(images)
    assert found.boxes_xyxy.shape == (2, 84, 4)
    assert found.scores.shape == (2, 84, 3)


def test_features_are_dropped_once_nobody_reads_them():
    detector = yololab.build([*MODELS["yolov8"], *SMALL])
    alive = {"image"}
    largest = 0
    for step in detector.steps:
        assert set(step.inputs) <= alive
        alive = (alive | {step.name}) - set(step.last_read)
        largest = max(largest, len(alive))
    assert alive == set(detector.graph.head.inputs)
    assert largest <= 6


@pytest.mark.parametrize("name", ["yolov8", "yolov9"])
def test_torch_export_and_onnx_agree_with_eager(name, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    deployed = trained(yololab.build([*MODELS[name], *SMALL])).deploy()
    images = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        expected = deployed(images)
        exported = torch.export.export(deployed, (images,))
        assert torch.equal(exported.module()(images).boxes_xyxy, expected.boxes_xyxy)
    if tuple(map(int, torch.__version__.split(".")[:2])) < (2, 7):
        pytest.skip("torch 2.6's ONNX exporter does not fit the onnx-ir that onnxscript brings; torch.export agrees")
    path = tmp_path / "model.onnx"
    torch.onnx.export(exported, (images,), str(path), dynamo=True, verbose=False)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    got = session.run(None, {session.get_inputs()[0].name: images.numpy()})
    torch.testing.assert_close(torch.from_numpy(got[0]), expected.boxes_xyxy, rtol=1e-3, atol=1e-2)
    torch.testing.assert_close(torch.from_numpy(got[1]), expected.scores, rtol=1e-3, atol=1e-4)


def test_torch_compile_traces_the_whole_detector_without_a_break():
    detector = yololab.build([*MODELS["yolov8"], *SMALL]).eval()
    images = torch.rand(1, 3, 64, 64)
    compiled = torch.compile(detector, backend="eager", fullgraph=True)
    with torch.no_grad():
        torch.testing.assert_close(compiled(images).scores, detector(images).scores)


def test_state_dict_round_trips():
    first, second = yololab.build([*MODELS["yolov8"], "seed=0"]), yololab.build([*MODELS["yolov8"], "seed=1"])
    stream = io.BytesIO()
    torch.save(first.state_dict(), stream)
    stream.seek(0)
    second.load_state_dict(torch.load(stream, weights_only=True))
    assert all(
        torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    )

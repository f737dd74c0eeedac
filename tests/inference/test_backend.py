from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from yololab.errors import YololabError
from yololab.inference import backend as backends
from yololab.inference.backend import OPENERS, RuntimeBackend, TorchBackend, suppressed
from yololab.metrics.nms import NMSConfig

TWO = NMSConfig(0.25, 0.5, 2, False)


def test_a_file_of_a_fixed_batch_is_filled_up_and_cut_again(loaded):
    sizes = []

    def call(images):
        sizes.append(len(images))
        return [images.sum(axis=(1, 2, 3))]

    backend = RuntimeBackend("test", call, replace(loaded.card, batch=4))
    images = torch.arange(6.0)[:, None, None, None].expand(6, 3, 2, 2)
    [found] = backend.raw(images)
    assert sizes == [4, 4]
    assert found.tolist() == [12.0 * value for value in range(6)]


def test_a_file_that_ends_in_suppression_is_cut_at_the_thresholds(loaded):
    rows = torch.tensor([[[0, 0, 4, 4, 0.9, 1], [0, 0, 4, 4, 0.8, 0], [1, 1, 2, 2, 0.3, 2], [0, 0, 0, 0, 0, 0]]])
    [found], prototypes = suppressed([rows], replace(loaded.card, nms=True), TWO)
    assert prototypes is None
    assert found.scores.tolist() == pytest.approx([0.9, 0.8])
    assert found.labels.tolist() == [1, 0]
    [found], _ = suppressed([rows], replace(loaded.card, nms=True), replace(TWO, confidence=0.85, max_detections=9))
    assert len(found.scores) == 1


def test_mixed_precision_computes_under_autocast(loaded):
    plain = TorchBackend(loaded.detector.deploy(), torch.device("cpu"))
    mixed = TorchBackend(loaded.detector.deploy(), torch.device("cpu"), "bf16-mixed")
    images = torch.rand(1, 3, 64, 64)
    first, second = plain.raw(images)[1], mixed.raw(images)[1]
    assert not torch.equal(first, second.float())
    assert first.numpy() == pytest.approx(second.float().numpy(), abs=0.02)


@pytest.mark.parametrize("suffix", sorted(OPENERS))
def test_a_file_that_is_none_is_named(tmp_path, suffix):
    path = tmp_path / f"model{suffix}"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(YololabError, match=rf"model\{suffix}: cannot be opened"):
        OPENERS[suffix](path)


def test_a_foreign_onnx_file_holds_no_description(tmp_path):
    onnx = pytest.importorskip("onnx")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    value = [helper.make_tensor_value_info(name, kind, [1]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", value[:1], value[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    model.ir_version = 10
    onnx.save(model, tmp_path / "a.onnx")
    with pytest.raises(YololabError, match="holds no description of the detector"):
        backends.open_onnx(tmp_path / "a.onnx")


def test_a_runtime_that_is_not_installed_is_named_with_the_way_to_it(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(YololabError, match="onnxruntime runs such files, and is not installed: pip install"):
        backends.open_onnx(tmp_path / "a.onnx")

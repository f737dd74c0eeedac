from __future__ import annotations

import pytest
import torch

from command import yololab


def test_a_run_leaves_as_onnx_and_the_file_predicts_and_is_judged(place, run_ids, tmp_path):
    pytest.importorskip("onnxruntime")
    if tuple(map(int, torch.__version__.split(".")[:2])) < (2, 7):
        pytest.skip("torch 2.6's ONNX exporter does not fit the onnx-ir that onnxscript brings")
    done = yololab("export", f"smoke/{run_ids[0]}", "--dynamic", "--output", tmp_path / "small.onnx", cwd=place)
    assert done.returncode == 0, done.stderr
    assert "compared with PyTorch on 4 images of its validation split" in " ".join(done.stdout.split())
    judged = yololab("val", tmp_path / "small.onnx", cwd=place)
    assert "on the val split, 8 images" in " ".join(judged.stdout.split()), judged.stderr


def test_weights_leave_into_the_runs_folder(place, run_ids):
    done = yololab("export", run_ids[1], "--format", "safetensors", cwd=place)
    assert done.returncode == 0, done.stderr
    path = place / "runs" / "smoke" / run_ids[1] / "weights.safetensors"
    assert path.is_file()
    assert "starts another training from them" in " ".join(done.stdout.split())
    path.unlink()


def test_weights_of_a_run_without_its_checkpoint_are_refused(place, run_ids):
    checkpoint = place / "runs" / "smoke" / run_ids[1] / "checkpoints" / "last.ckpt"
    checkpoint.rename(checkpoint.with_suffix(".away"))
    try:
        done = yololab("export", f"smoke/{run_ids[1]}", "--format", "safetensors", cwd=place)
    finally:
        checkpoint.with_suffix(".away").rename(checkpoint)
    assert done.returncode == 2
    assert "no such checkpoint" in " ".join(done.stderr.split())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("smoke",), "write its records: yololab records smoke"),
        (("smoke", "--format", "parquet"), "a study's records leave by: yololab records smoke"),
        (("smok",), "no such run"),
    ],
)
def test_the_old_meaning_is_answered_with_the_new_word(place, words, message):
    done = yololab("export", *words, cwd=place)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())

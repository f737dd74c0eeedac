from __future__ import annotations

import pytest
import torch
from safetensors import safe_open

import yololab as yololab_package
from command import yololab


def test_all_records_of_a_study_become_one_file(place, run_ids, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "all.parquet"
    done = yololab("export", "smoke", "--output", path, cwd=place)
    assert done.returncode == 0, done.stderr
    assert "2 records" in done.stdout
    assert sorted(parquet.read_table(path).column("run_id").to_pylist()) == run_ids


def test_a_study_without_records_is_said_so(tmp_path):
    done = yololab("export", tmp_path)
    assert done.returncode == 2
    assert "no finished run yet" in done.stderr


def test_weights_leave_as_safetensors_and_start_another_run(place, run_ids):
    done = yololab("export", f"smoke/{run_ids[0]}", "--format", "safetensors", cwd=place)
    assert done.returncode == 0, done.stderr
    path = place / "runs" / "smoke" / run_ids[0] / "weights.safetensors"
    with safe_open(path, "pt") as found:
        assert found.metadata()["run"] == run_ids[0]
        names = set(found.keys())
    assert str(path) in done.stdout.replace("\n", "") or "runs/smoke" in done.stdout
    checkpoint = torch.load(path.parent / "checkpoints" / "last.ckpt", weights_only=True)["state_dict"]
    assert names == {key.removeprefix("ema.model.") for key in checkpoint if key.startswith("ema.model.")}
    detector = yololab_package.build(["experiment=smoke", f"weights={path}"])
    assert all(torch.equal(value, checkpoint[f"ema.model.{key}"]) for key, value in detector.state_dict().items())


def test_weights_of_a_run_without_its_checkpoint_are_refused_with_the_way_to_keep_them(place, run_ids):
    checkpoint = place / "runs" / "smoke" / run_ids[1] / "checkpoints" / "last.ckpt"
    checkpoint.rename(checkpoint.with_suffix(".away"))
    try:
        done = yololab("export", f"smoke/{run_ids[1]}", "--format", "safetensors", cwd=place)
    finally:
        checkpoint.with_suffix(".away").rename(checkpoint)
    assert done.returncode == 2
    assert "gc --keep last" in " ".join(done.stderr.split())

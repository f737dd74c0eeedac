from __future__ import annotations

import pytest

from command import SMOKE, yololab

SWEEP = ("train", "-m", *SMOKE, "attention=none,eca", "study.name=asked")


@pytest.mark.parametrize("baseline", ["{attention: eca}", "{attention: none, scale.width: 0.125}", "{attention: none}"])
def test_a_baseline_that_is_planned_passes(tmp_path, baseline):
    done = yololab("plan", *SWEEP[2:], f"study.baseline={baseline}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("baseline", ["{attention: cbam}", "{attention: none, image_size: 96}"])
def test_a_baseline_that_no_run_is_refuses_the_sweep_before_it_starts(tmp_path, baseline):
    done = yololab(*SWEEP, f"study.baseline={baseline}", cwd=tmp_path)
    assert done.returncode == 2
    assert "none of the planned runs has these; they are: attention=none; attention=eca" in done.stderr
    assert not (tmp_path / "runs").exists()

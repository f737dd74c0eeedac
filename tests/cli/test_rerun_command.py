from __future__ import annotations

from command import yololab


def test_rerun_gives_the_same_bits(place, run_ids):
    run = run_ids[0]
    done = yololab("rerun", f"smoke/{run}", cwd=place)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "the same bits: metrics, curve and weights" in done.stdout
    assert (place / "runs" / "smoke-rerun" / run / "results.json").is_file()


def test_rerun_refuses_what_would_be_another_run(place, run_ids):
    done = yololab("rerun", f"smoke/{run_ids[0]}", "seed=7", cwd=place)
    assert done.returncode == 2
    assert "seed would make it another run" in done.stderr

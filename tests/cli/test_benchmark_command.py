from __future__ import annotations

import json

from command import yololab


def test_a_study_is_timed_and_its_table_shows_it(place):
    done = yololab("benchmark", "smoke", "--rounds", "4", "--batch", "1,2", cwd=place)
    assert done.returncode == 0, done.stderr
    assert "images/s" in done.stdout
    kept = place / "runs" / "smoke" / "latency.json"
    [timings] = json.loads(kept.read_text())["by_graph"].values()
    assert [timing["batch"] for timing in timings] == [1, 2]
    table = yololab("table", "smoke", "--metrics", "mAP,latency", "--format", "md", cwd=place).stdout
    assert "latency, ms" in table
    assert f"{timings[0]['median_ms']:.2f}" in table
    kept.unlink()


def test_runs_are_timed_beside_each_other(place, run_ids):
    done = yololab("benchmark", *run_ids, "--rounds", "4", "--json", "--threads", "1", cwd=place)
    content = json.loads(done.stdout)
    assert set(content["timings"]) == set(run_ids)
    assert content["threads"] == 1
    assert not (place / "runs" / "smoke" / "latency.json").exists()


def test_what_does_not_fit_ends_in_a_line(place, run_ids):
    for words, message in [
        (("smoke", "--rounds", "1"), "expected at least 4"),
        (("smoke", run_ids[0]), "one study, or any number of runs"),
        ((run_ids[0], "--batch", "a"), "--batch a: expected whole numbers"),
        ((run_ids[0], "--with", "tf"), "expected some of pytorch, onnx"),
    ]:
        done = yololab("benchmark", *words, cwd=place)
        assert done.returncode == 2
        assert message in " ".join(done.stderr.split())


def test_the_old_word_is_answered(place):
    done = yololab("latency", "smoke", cwd=place)
    assert done.returncode == 2
    assert "latency is called benchmark now" in done.stderr

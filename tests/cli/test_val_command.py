from __future__ import annotations

import json

from command import yololab


def test_a_run_is_judged_again_and_its_record_agrees(place, run_ids):
    done = yololab("val", run_ids[0], cwd=place)
    assert done.returncode == 0, done.stderr
    assert "the record has the very same mAP" in done.stdout
    assert f"smoke/{run_ids[0]} on the val split, 8 images: mAP" in done.stdout
    assert "disc" in done.stdout


def test_json_holds_every_number(place, run_ids):
    done = yololab("val", f"smoke/{run_ids[0]}", "--split", "train", "--json", cwd=place)
    content = json.loads(done.stdout)
    assert content["images"] == 16
    assert content["metrics"]["mAP_large"] is None
    assert set(content["per_class"]) == {"disc", "square", "triangle"}


def test_other_data_or_a_bare_checkpoint_with_its_choices(place, run_ids):
    done = yololab("val", run_ids[0], "data=shapes", "data.size=64", "data.val=4", cwd=place)
    assert "4 images" in done.stdout, done.stderr
    assert "the record" not in done.stdout
    checkpoint = f"runs/smoke/{run_ids[0]}/checkpoints/last.ckpt"
    done = yololab("val", checkpoint, "experiment=smoke", cwd=place)
    assert done.returncode == 2 or "8 images" in done.stdout, done.stderr


def test_what_does_not_fit_ends_in_a_line(place, run_ids):
    for words, message in [
        ((run_ids[0], "recipe.lr=1"), "the detector is trained"),
        ((run_ids[0], "--split", "tset"), "did you mean 'test'"),
        ((run_ids[0], run_ids[1]), "expected one run or file"),
        (("nothing",), "no such run"),
    ]:
        done = yololab("val", *words, cwd=place)
        assert done.returncode == 2
        assert message in " ".join(done.stderr.split())
        assert "Traceback" not in done.stderr

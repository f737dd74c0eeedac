from __future__ import annotations

import json
import os
import signal

import cv2
import numpy as np

from command import yololab
from yololab.cli import predict_command
from yololab.inference.sources import Frame


def images(folder, count=2):
    folder.mkdir()
    for number in range(count):
        pixels = np.random.default_rng(number).integers(0, 255, (48, 64, 3)).astype(np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), pixels)
    return folder


def test_a_folder_becomes_pictures_and_json(place, run_ids, tmp_path):
    out = tmp_path / "out"
    options = ("--conf", "0.0", "--max-detections", "3", "--output", out)
    done = yololab("predict", run_ids[0], images(tmp_path / "in"), *options, cwd=place)
    assert done.returncode == 0, done.stderr
    assert str(out) in done.stdout.replace("\n", "")
    assert sorted(path.name for path in out.iterdir()) == ["0.jpg", "1.jpg", "predictions.json"]
    assert [len(one["objects"]) for one in json.loads((out / "predictions.json").read_text())] == [3, 3]


def test_a_broken_file_is_named_the_rest_is_done_and_the_exit_says_so(place, run_ids, tmp_path):
    folder = images(tmp_path / "in")
    (folder / "broken.jpg").write_bytes(b"x")
    done = yololab("predict", run_ids[0], folder, "--output", tmp_path / "out", "--save", "json", cwd=place)
    assert done.returncode == 1
    assert "broken.jpg: not an image" in done.stdout.replace("\n", "")
    assert len(json.loads((tmp_path / "out" / "predictions.json").read_text())) == 2


def test_a_thousand_images_are_not_a_thousand_lines(place, run_ids, tmp_path):
    folder = images(tmp_path / "in", 30)
    done = yololab("predict", run_ids[0], folder, "--output", tmp_path / "out", "--save", "json", cwd=place)
    assert done.stdout.count(".png") == 20
    assert "30 images" in done.stdout


def test_a_bare_checkpoint_predicts_with_the_choices_that_build_it(place, run_ids, tmp_path):
    bare = tmp_path / "bare.ckpt"
    bare.write_bytes((place / "runs" / "smoke" / run_ids[0] / "checkpoints" / "last.ckpt").read_bytes())
    done = yololab("predict", bare, images(tmp_path / "in"), "experiment=smoke", "--save", "json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "predictions" / "bare.ckpt" / "predictions.json").is_file()


def test_what_does_not_fit_ends_in_a_line_and_leaves_no_folder(place, run_ids, tmp_path):
    folder = images(tmp_path / "in")
    for words, message in [
        ((folder, "--classes", "dics"), "did you mean 'disc'"),
        ((folder, "--save", "jpg"), "--save jpg: expected some of"),
        ((folder, "--conf", "3"), "confidence=3.0"),
        ((folder, "--device", "tpu"), "cannot be used here"),
        ((tmp_path / "none",), "no such file or folder"),
        ((folder, tmp_path / "none"), "no such file or folder"),
        ((folder, "--slice", "0"), "--slice"),
    ]:
        done = yololab("predict", run_ids[0], *words, "--output", tmp_path / "out", cwd=place)
        assert done.returncode == 2, words
        assert message in " ".join(done.stderr.split())
        assert not (tmp_path / "out").exists()


def test_several_sources_are_read_one_after_the_other(place, run_ids, tmp_path):
    folder = images(tmp_path / "in")
    first = sorted(folder.iterdir())[0]
    done = yololab("predict", run_ids[0], first, folder, "--output", tmp_path / "out", cwd=place)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "out" / "predictions.json").read_text())
    assert [item["image"] for item in found] == [str(first), *(str(path) for path in sorted(folder.iterdir()))]


def test_sigterm_keeps_what_was_found(place, run_ids, tmp_path, monkeypatch):
    def two_and_the_end(source, complain):
        for index in range(40):
            if index == 2:
                os.kill(os.getpid(), signal.SIGTERM)
            yield Frame(f"{index}.jpg", np.zeros((32, 32, 3), np.uint8))

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(predict_command, "read_frames", two_and_the_end)
    folder = images(tmp_path / "in")
    done = yololab("predict", run_ids[0], folder, "--batch", "1", "--output", tmp_path / "out", cwd=place)
    assert done.returncode == 130
    assert "stopped; what was found until here is kept" in done.stdout
    assert len(json.loads((tmp_path / "out" / "predictions.json").read_text())) == 2
    assert signal.getsignal(signal.SIGTERM) is before

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest

from command import yololab


@pytest.fixture
def root(tmp_path):
    """A YOLO data set of four images with one broken label."""
    folder = tmp_path / "cells"
    for split in ("train", "val"):
        for kind in ("images", "labels"):
            (folder / kind / split).mkdir(parents=True)
        for number in range(2):
            pixels = np.random.default_rng([number, split == "val"]).integers(0, 255, (64, 64, 3)).astype(np.uint8)
            cv2.imwrite(str(folder / "images" / split / f"{number}.png"), pixels)
            (folder / "labels" / split / f"{number}.txt").write_text("0 0.5 0.5 0.25 0.25\n1 0.5 0.5 0.0 0.1\n")
    (folder / "data.yaml").write_text("train: images/train\nval: images/val\nnames: [disc, bar]\n")
    return folder


def test_a_folder_is_reported_and_nothing_is_trained(root, tmp_path):
    done = yololab("data", root, "image_size=64", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    text = " ".join(done.stdout.split())
    assert "2 (2 of 2)" in text
    assert "2 x zero area" in text
    assert "bar: no object in any split" in text
    page = (tmp_path / "data_report_cells.html").read_text()
    assert "0.txt:2" in page
    assert "data=yolo" in page
    assert not (tmp_path / "runs").exists()


def test_the_numbers_as_json_and_flags_anywhere(root, tmp_path):
    done = yololab("data", root / "data.yaml", "--json", "image_size=64", cwd=tmp_path)
    content = json.loads(done.stdout)
    assert content["splits"]["val"]["by_class"] == [2, 0]
    assert content["problems"] == {"train": {"zero area": 2}, "val": {"zero area": 2}}
    assert list(tmp_path.glob("*.html")) == []


def test_the_embedded_data_and_a_path_of_ones_own(tmp_path):
    done = yololab("data", "data=shapes_smoke", "--output", tmp_path / "a.html", "image_size=64", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "a.html").is_file()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nowhere",), "nowhere: no such folder"),
        (("a", "b"), "expected one folder"),
        (("data=yollo",), "yolo"),
        (("data=yolo", "data.root=/none"), "does not exist"),
    ],
)
def test_what_does_not_fit_ends_in_a_line(tmp_path, words, message):
    done = yololab("data", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert message in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_what_is_left_out_of_a_description_is_told_and_no_page_is_written(root, tmp_path):
    """The measured fault: an image whose labels could not be read was missing from Croissant, without a word."""
    done = yololab("data", root, "--croissant", "cells.json", "image_size=64", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2 x zero area" in " ".join(done.stdout.split())
    assert (tmp_path / "cells_objects.csv").read_text().count("\n") == 5  # the heading, and a sound box of each image
    assert list(tmp_path.glob("*.html")) == []


def test_json_and_a_description_are_two_answers(root, tmp_path):
    done = yololab("data", root, "--json", "--croissant", "cells.json", cwd=tmp_path)
    assert done.returncode == 2
    assert "--json and --croissant are two answers" in done.stderr

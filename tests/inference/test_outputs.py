from __future__ import annotations

import csv
import json

import cv2
import numpy as np
import pytest

from yololab.errors import ConfigError, DataError
from yololab.inference.outputs import KINDS, Outputs, drawn
from yololab.inference.prediction import Prediction
from yololab.inference.sources import Frame

CLASSES = ("cat", "=dog")


def found(name="a.png", masks=None):
    boxes = np.array([[10.0, 20.0, 30.0, 60.0]])
    return Prediction(name, 400, 100, boxes, np.array([0.5]), np.array([1]), CLASSES, masks)


def frame(name="a.png", number=None):
    return Frame(name, np.zeros((100, 400, 3), np.uint8), number, 5.0)


def test_every_kind_is_written_and_nothing_is_overwritten(tmp_path):
    for _ in range(2):
        with Outputs(tmp_path / "out", KINDS) as outputs:
            outputs.add(frame("x/a.png"), found("x/a.png"))
            outputs.add(frame("y/A.png"), found("y/A.png"))
    folder = tmp_path / "out-2"
    assert sorted(path.name for path in folder.iterdir()) == [
        "A-2.jpg", "a.jpg", "labels", "predictions.csv", "predictions.json",
    ]  # fmt: skip
    assert cv2.imread(str(folder / "a.jpg")).shape == (100, 400, 3)
    assert (folder / "labels" / "a.txt").read_text() == "1 0.050000 0.400000 0.050000 0.400000 0.5000\n"
    with Outputs(tmp_path / "plain", ["yolo"]) as outputs:
        outputs.add(frame("a.png"), found("a.png"))
    assert (tmp_path / "plain" / "labels" / "a.txt").read_text() == "1 0.050000 0.400000 0.050000 0.400000\n"
    listed = json.loads((folder / "predictions.json").read_text())
    assert [one["image"] for one in listed] == ["x/a.png", "y/A.png"]
    assert listed[0]["objects"][0]["box"] == {"x1": 10.0, "y1": 20.0, "x2": 30.0, "y2": 60.0}
    with (folder / "predictions.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert rows[0]["class"] == "'=dog"  # no formula
    assert (tmp_path / "out" / "a.jpg").is_file()


def test_frames_of_a_video_become_a_video(tmp_path):
    with Outputs(tmp_path / "out", ["pictures", "json", "yolo"]) as outputs:
        for number in range(4):
            outputs.add(frame("film.avi", number), found("film.avi"))
    capture = cv2.VideoCapture(str(tmp_path / "out" / "film.mp4"))
    assert int(capture.get(cv2.CAP_PROP_FRAME_COUNT)) == 4
    assert capture.get(cv2.CAP_PROP_FPS) == pytest.approx(5.0)
    capture.release()
    assert len(list((tmp_path / "out" / "labels" / "film").glob("00000*.txt"))) == 4
    assert json.loads((tmp_path / "out" / "predictions.json").read_text())[3]["frame"] == 3


def test_a_video_that_comes_twice_and_an_image_of_its_name_replace_nothing(tmp_path):
    with Outputs(tmp_path / "out", ["pictures", "yolo"]) as outputs:
        for name, numbers in (("film.mp4", range(2)), ("film.png", [None]), ("film.mp4", range(2))):
            for number in numbers:
                outputs.add(frame(name, number), found(name))
    written = sorted(
        str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file()
    )
    assert written == [
        "film-2.jpg", "film-3.mp4", "film.mp4", "labels/film-2.txt", "labels/film-3/000000.txt",
        "labels/film-3/000001.txt", "labels/film/000000.txt", "labels/film/000001.txt",
    ]  # fmt: skip


def test_a_picture_that_cannot_be_written_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr("yololab.inference.outputs.cv2.imwrite", lambda *_: False)
    with pytest.raises(DataError, match="could not be written"), Outputs(tmp_path / "out", ["pictures"]) as outputs:
        outputs.add(frame(), found())


def test_what_was_found_before_an_error_is_kept_whole(tmp_path):
    def cut():
        with Outputs(tmp_path / "out", ["json"]) as outputs:
            outputs.add(frame(), found())
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        cut()
    assert len(json.loads((tmp_path / "out" / "predictions.json").read_text())) == 1


def test_without_a_frame_no_folder_is_made(tmp_path):
    with Outputs(tmp_path / "out", ["json"]):
        pass
    assert not (tmp_path / "out").exists()
    with pytest.raises(ConfigError, match=r"--save jsno: expected some of .*did you mean 'json'"):
        Outputs(tmp_path / "out", ["jsno"])


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.png", "http://host/../..%2fa.png?x=/../b", "a" * 400 + ".png", ".png", "猫" * 90 + ".png"],
)
def test_a_hostile_name_stays_in_the_folder(tmp_path, name):
    with Outputs(tmp_path / "in" / "out", ["pictures"]) as outputs:
        outputs.add(frame(name), found(name))
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) == 1
    assert written[0].parent == tmp_path / "in" / "out"


def test_masks_are_drawn():
    masks = np.zeros((1, 100, 400), bool)
    masks[0, 70:80, 200:220] = True
    picture = drawn(frame().image, found(masks=masks))
    assert picture[75, 210].any()
    assert not picture[75, 300].any()

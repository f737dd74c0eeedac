from __future__ import annotations

import http.server
import threading

import cv2
import numpy as np
import pytest
from PIL import Image

from yololab.errors import DataError
from yololab.inference.sources import frames_of, is_live, read_frames


@pytest.fixture
def images(tmp_path):
    """a.png and sub/b.jpg, of one colour each."""
    (tmp_path / "sub").mkdir()
    cv2.imwrite(str(tmp_path / "a.png"), np.full((20, 30, 3), (10, 20, 30), np.uint8))
    cv2.imwrite(str(tmp_path / "sub" / "b.jpg"), np.full((20, 30, 3), 200, np.uint8))
    return tmp_path


def film(path, frames=5):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (32, 32))
    for number in range(frames):
        writer.write(np.full((32, 32, 3), 40 * number, np.uint8))
    writer.release()
    return path


def names(frames):
    return [frame.name.rpartition("/")[2] for frame in frames]


def read(source):
    complaints: list[str] = []
    return list(read_frames(str(source), complaints.append)), complaints


def test_a_file_a_folder_and_a_pattern(images):
    assert names(read(images / "a.png")[0]) == ["a.png"]
    assert names(read(images)[0]) == ["a.png", "b.jpg"]
    assert names(read(images / "**" / "*.jpg")[0]) == ["b.jpg"]
    assert read(images / "a.png")[0][0].image[0, 0].tolist() == [10, 20, 30]


def test_frames_of_a_video_come_with_their_numbers(tmp_path):
    frames, complaints = read(film(tmp_path / "film.avi"))
    assert [frame.number for frame in frames] == [0, 1, 2, 3, 4]
    assert frames[0].rate == 10
    assert complaints == []


def test_a_list_names_files_beside_it_and_what_is_missing_is_told_by_line(images):
    (images / "list.txt").write_text(f"a.png\n\nnone.png\n{images}/sub/b.jpg\nlist.txt\n")
    frames, complaints = read(images / "list.txt")
    assert names(frames) == ["a.png", "b.jpg"]
    assert [text.split(": ")[0].rpartition("/")[2] for text in complaints] == ["list.txt:3", "list.txt:5"]
    (images / "empty.txt").write_text("\n")
    with pytest.raises(DataError, match="an empty list"):
        read(images / "empty.txt")


def test_a_url_is_fetched(images):
    handler = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_: None})
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *args: handler(*args, directory=str(images))
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_address[1]}"
        frames, complaints = read(f"{base}/a.png")
        assert frames[0].image.shape == (20, 30, 3)
        assert complaints == []
        (images / "page.png").write_text("<html>")
        names_of_bad = ("a b.png", "a.png#\x7f")
        for name in names_of_bad:
            assert len(read(f"{base}/{name}")[1]) <= 1
        for name, reason in (("none.png", "HTTP Error 404"), ("page.png", "no image that can be decoded")):
            frames, complaints = read(f"{base}/{name}")
            assert frames == []
            assert len(complaints) == 1
            assert reason in complaints[0]
        server.shutdown()


@pytest.mark.parametrize(
    ("name", "message"), [("nowhere", "no such file or folder"), ("*.none", "no file matches"), ("empty", "no image")]
)
def test_nothing_to_read_is_an_error(tmp_path, name, message):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=message):
        read(tmp_path / name)


def test_a_broken_file_is_told_and_the_rest_is_read(images):
    (images / "c.png").write_bytes(b"nothing")
    (images / "d.mp4").write_bytes(b"nothing")
    frames, complaints = read(images)
    assert names(frames) == ["a.png", "b.jpg"]
    assert any("c.png: not an image" in text for text in complaints)
    assert any("d.mp4: cannot be opened as a video" in text for text in complaints)


def test_a_16_bit_image_is_read_as_training_reads_it(tmp_path):
    values = np.full((8, 8, 3), 2048, np.uint16)
    cv2.imwrite(str(tmp_path / "a.png"), values)
    assert read(tmp_path / "a.png")[0][0].image[0, 0].tolist() == [128, 128, 128]  # of 12 bits
    cv2.imwrite(str(tmp_path / "b.png"), values * 16)
    assert read(tmp_path / "b.png")[0][0].image[0, 0].tolist() == [128, 128, 128]


def test_a_pil_image_is_turned_as_its_file_is_and_deep_ones_are_refused(tmp_path):
    picture = Image.new("RGB", (30, 20))
    turned = Image.Exif()
    turned[0x0112] = 6
    picture.save(tmp_path / "a.jpg", exif=turned)
    by_file, by_pil = list(frames_of(tmp_path / "a.jpg")), list(frames_of(Image.open(tmp_path / "a.jpg")))
    assert by_file[0].image.shape == by_pil[0].image.shape == (30, 20, 3)
    with pytest.raises(DataError, match="more than 8 bits"):
        list(frames_of(Image.new("I;16", (4, 4))))


def test_a_folder_named_like_a_number_is_no_camera_and_an_empty_word_is_nothing(images, monkeypatch):
    (images / "2024").mkdir()
    cv2.imwrite(str(images / "2024" / "c.png"), np.zeros((4, 4, 3), np.uint8))
    monkeypatch.chdir(images)
    assert names(read("2024")[0]) == ["c.png"]
    with pytest.raises(DataError, match="an empty source"):
        read(" ")
    with pytest.raises(DataError, match="no file matches"):
        read("su*")  # a folder alone
    (images / "list.txt").write_text("0\n")
    assert "no such file" in read("list.txt")[1][0]  # a list opens no camera


def test_a_url_that_leads_elsewhere_is_not_followed(monkeypatch):
    class Elsewhere(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            self.send_response(302)
            self.send_header("Location", "ftp://127.0.0.1/a.png")
            self.end_headers()

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        frames, complaints = read(f"http://127.0.0.1:{server.server_address[1]}/a.png")
        server.shutdown()
    assert frames == []
    assert "leads to ftp://" in complaints[0]
    assert len(read("http://[::1")[1]) == 1


def test_a_camera_that_is_not_there_is_told():
    frames, complaints = read("97")
    assert frames == []
    assert "camera 97: cannot be opened" in complaints[0]


def test_arrays_pil_images_and_paths_can_be_mixed(images):
    array = np.zeros((8, 9, 3), np.uint8)
    array[..., 0] = 7  # blue, as OpenCV has it
    pillow = Image.fromarray(array[:, :, ::-1])
    frames = list(frames_of([array, pillow, images / "a.png", np.zeros((4, 4), np.uint8)]))
    assert [frame.image.shape for frame in frames] == [(8, 9, 3), (8, 9, 3), (20, 30, 3), (4, 4, 3)]
    assert np.array_equal(frames[0].image, frames[1].image)
    assert len(list(frames_of(array))) == 1


@pytest.mark.parametrize(
    "wrong", [np.zeros((4, 4, 3)), np.zeros((3, 4, 4), np.uint8), 7, None, np.zeros((0, 4, 3), np.uint8)]
)
def test_what_is_no_image_is_refused_with_what_was_expected(wrong):
    with pytest.raises(DataError, match=r"expected an array \(height, width, 3\) of uint8"):
        list(frames_of(wrong))


def test_what_does_not_end_is_read_one_by_one():
    def endless():
        while True:
            yield np.zeros((4, 6, 3), np.uint8)

    assert next(frames_of(endless())).image.shape == (4, 6, 3)
    assert [frame.name for frame in frames_of(np.zeros((2, 4, 6, 3), np.uint8))] == ["image 0", "image 1"]


def test_cameras_and_streams_are_live_and_files_are_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "7").mkdir()
    sources = ("0", "rtsp://camera", "7", "a.jpg", "https://x/a.jpg")
    assert [is_live(source) for source in sources] == [True, True, False, False, False]

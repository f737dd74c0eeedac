"""Where images come from: files, folders, patterns, videos, cameras, URLs, lists of these, and arrays."""

from __future__ import annotations

import glob
import http.client
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageOps

from yololab.data.decode import decode_image
from yololab.errors import DataError

IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".jp2", ".mpo")
VIDEOS = (".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg", ".wmv", ".gif")
LISTS = (".txt", ".csv")
URLS = ("http://", "https://")
STREAMS = ("rtsp://", "rtmp://", "tcp://")
MOST_BYTES = 1 << 28
SECONDS = 30.0
TWELVE, SIXTEEN = 12, 16


@dataclass(frozen=True)
class Frame:
    """One image (H, W, 3, BGR, uint8) with its name, and where it stands in a video."""

    name: str
    image: np.ndarray
    number: int | None = None
    """Of a video's frame, from 0"""
    rate: float = 0.0
    """Frames a second of its video, where known"""


Complaint = Callable[[str], None]


def frames_of(images: Any) -> Iterator[Frame]:
    """Frames of what a caller hands over, one by one; see `Model.predict`. DataError for what is no image."""
    several = isinstance(images, Iterable) and not isinstance(images, str | np.ndarray)
    if several or (isinstance(images, np.ndarray) and images.ndim == 4):
        for index, image in enumerate(images):
            yield from _of_one(image, index)
    else:
        yield from _of_one(images, 0)


def is_live(source: str) -> bool:
    """Whether frames of a source come as they happen: a camera, a stream."""
    return source.lower().startswith(STREAMS) or (source.isdecimal() and not Path(source).exists())


def _of_one(image: Any, index: int) -> Iterator[Frame]:
    if isinstance(image, str | Path):
        yield from read_frames(str(image), _refuse)
        return
    array = _of_pillow(image, index) if isinstance(image, Image.Image) else np.asarray(image)
    if array.ndim == 2:
        array = np.repeat(array[:, :, None], 3, axis=2)
    if array.ndim != 3 or array.shape[2] != 3 or array.dtype != np.uint8 or 0 in array.shape:
        raise DataError(
            f"image {index}: expected an array (height, width, 3) of uint8, BGR as OpenCV reads it, a PIL image or a "
            f"path; got {type(image).__name__} {array.shape} of {array.dtype}"
        )
    yield Frame(f"image {index}", np.ascontiguousarray(array))


def _of_pillow(image: Image.Image, index: int) -> np.ndarray:
    """BGR, turned as its EXIF says, as the same file is read. DataError for values of more than 8 bits."""
    if image.mode.startswith(("I", "F")):
        raise DataError(f"image {index}: a PIL image of mode {image.mode}, which has more than 8 bits; give its file")
    return np.asarray(ImageOps.exif_transpose(image).convert("RGB"))[:, :, ::-1]


def _refuse(message: str) -> None:
    raise DataError(message)


def read_frames(source: str, complain: Complaint, cameras: bool = True) -> Iterator[Frame]:
    """Frames of a source, one after the other: an image, a folder, a glob, a video, a camera's number, a URL, a .txt
    list of any of these.

    `complain` hears of files that cannot be read; the rest goes on. DataError where there is nothing to read at all.
    """
    require_there(source, cameras)
    path = Path(source).expanduser()
    if source.isdecimal() and cameras and not path.exists():
        yield from _video(int(source), f"camera {source}", complain)
    elif source.lower().startswith(STREAMS):
        yield from _video(source, source, complain)
    elif source.lower().startswith(URLS):
        yield from _url(source, complain)
    elif path.is_dir():
        yield from _files(_in_folder(path), complain)
    elif path.is_file():
        yield from _listed(path, complain) if path.suffix.lower() in LISTS else _files([path], complain)
    else:
        yield from _files(_matching(path), complain)


def require_there(source: str, cameras: bool = True) -> None:
    """DataError for a source that names nothing at all: empty, no such file, a pattern that no file matches."""
    if not source.strip():
        raise DataError("an empty source; expected images, a video, a camera's number or a URL")
    path = Path(source).expanduser()
    if (
        (is_live(source) and (cameras or not source.isdecimal()))
        or source.lower().startswith(URLS)
        or path.is_dir()
        or path.is_file()
    ):
        return
    if not glob.has_magic(source):
        raise DataError(f"{source}: no such file or folder; expected images, a video, a camera's number or a URL")
    if not _matching(path):
        raise DataError(f"{source}: no file matches")


def _matching(pattern: Path) -> list[Path]:
    return sorted(path for path in map(Path, glob.glob(str(pattern), recursive=True)) if path.is_file())


def _in_folder(folder: Path) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (*IMAGES, *VIDEOS) and path.is_file())
    if not found:
        raise DataError(f"{folder}: no image or video in it; expected one of {' '.join((*IMAGES, *VIDEOS))}")
    return found


def _listed(path: Path, complain: Complaint) -> Iterator[Frame]:
    """A line each: paths as they are or beside the list, or URLs."""
    from yololab.data.text import read_lines

    lines = read_lines(path)
    if not lines:
        raise DataError(f"{path}: an empty list")
    for number, line in lines:
        beside = path.parent / line
        place = line if line.lower().startswith(URLS) or not beside.exists() else str(beside)
        try:
            if Path(place).suffix.lower() in LISTS:
                raise DataError("a list within a list")
            yield from read_frames(place, complain, cameras=False)
        except DataError as error:
            complain(f"{path}:{number}: {error}")


def _files(paths: Iterable[Path], complain: Complaint) -> Iterator[Frame]:
    for path in paths:
        if path.suffix.lower() in VIDEOS:
            yield from _video(str(path), str(path), complain)
            continue
        try:
            image = _decoded(path.read_bytes())
        except OSError as error:
            complain(f"{path}: cannot be read: {error.strerror}")
            continue
        if image is None:
            complain(f"{path}: not an image that can be decoded")
            continue
        yield Frame(str(path), image)


def _decoded(raw: bytes) -> np.ndarray | None:
    """As training decodes it; a file of 16 bits has 12 where its own values fit them, else 16."""
    depth = cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH
    try:
        deep = cv2.imdecode(np.frombuffer(raw, np.uint8), depth) if raw else None
    except cv2.error:
        return None
    if deep is None or deep.dtype != np.uint16:
        return decode_image(raw) if raw else None
    return decode_image(raw, TWELVE if deep.max() < 1 << TWELVE else SIXTEEN)


class _HttpOnly(urllib.request.HTTPRedirectHandler):
    """Follows a redirection to http and https alone."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if not newurl.lower().startswith(URLS):
            raise ValueError(f"it leads to {newurl}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _url(url: str, complain: Complaint) -> Iterator[Frame]:
    try:
        is_video = Path(urllib.parse.urlparse(url).path).suffix.lower() in VIDEOS
        raw = b"" if is_video else _fetched(url)
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = error if isinstance(error, urllib.error.HTTPError) else getattr(error, "reason", None) or error
        complain(f"{url}: cannot be fetched: {reason!s:.300}")
        return
    if is_video:
        yield from _video(url, url, complain)
        return
    image = _decoded(raw) if 0 < len(raw) <= MOST_BYTES else None
    if image is None:
        complain(f"{url}: what came is no image that can be decoded ({len(raw):,} bytes)")
        return
    yield Frame(url, image)


def _fetched(url: str) -> bytes:
    """What a URL answers within SECONDS, at most MOST_BYTES and one. OSError, ValueError or HTTPException otherwise."""
    request = urllib.request.Request(url, headers={"User-Agent": "yololab"})
    until, parts, size = time.monotonic() + SECONDS, [], 0
    # The scheme is one of URLS and stays so, so no file of this machine is read through it.
    with urllib.request.build_opener(_HttpOnly).open(request, timeout=SECONDS) as answer:  # nosec B310
        while size <= MOST_BYTES and (part := answer.read1(1 << 20)):
            parts.append(part)
            size += len(part)
            if time.monotonic() > until:
                raise ValueError(f"it takes more than {SECONDS:.0f} seconds")
    return b"".join(parts)


def _video(source: str | int, name: str, complain: Complaint) -> Iterator[Frame]:
    capture = cv2.VideoCapture(source)
    try:
        if not capture.isOpened():
            complain(f"{name}: cannot be opened as a video")
            return
        rate = float(capture.get(cv2.CAP_PROP_FPS))
        expected = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        number = 0
        while True:
            there, image = capture.read()
            if not there:
                break
            yield Frame(name, image, number, rate)
            number += 1
        if number == 0 or number < expected:
            complain(f"{name}: {number} of {max(expected, 0)} frames could be decoded")
    finally:
        capture.release()

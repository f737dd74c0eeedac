"""Files are decoded whole, once, by the decoder that training uses; what libjpeg warns of is a finding."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from yololab.data.decode import decode_image, decode_strictly

PIXELS = np.kron(np.random.default_rng(0).integers(0, 255, (30, 40, 3)), np.ones((10, 10, 1))).astype(np.uint8)
PIXELS = (PIXELS + np.random.default_rng(1).integers(0, 20, PIXELS.shape)).clip(0, 255).astype(np.uint8)


def encoded(kind, image=None, **options):
    stream = io.BytesIO()
    (image or Image.fromarray(PIXELS)).save(stream, kind, **options)
    return stream.getvalue()


JPEG = encoded("JPEG")
DAMAGED = {
    "jpeg cut at half": JPEG[: len(JPEG) // 2],
    "jpeg cut at half with an end marker": JPEG[: len(JPEG) // 2] + b"\xff\xd9",
    "jpeg overwritten in the middle": JPEG[: len(JPEG) // 2] + bytes(400) + JPEG[len(JPEG) // 2 + 400 :],
    "jpeg with a zero tail": JPEG[: len(JPEG) // 2] + bytes(len(JPEG) // 2) + b"\xff\xd9",
    "progressive cut with an end marker": encoded("JPEG", progressive=True)[:9000] + b"\xff\xd9",
    "png cut": encoded("PNG")[:5000],
    "png cut with an end": encoded("PNG")[:5000] + encoded("PNG")[-12:],
    "png with another byte": encoded("PNG").replace(encoded("PNG")[5000:5004], b"abcd"),
    "bmp cut": encoded("BMP")[:9000],
    "webp cut": encoded("WEBP")[:900],
    "tiff cut": encoded("TIFF")[:9000],
    "empty": b"",
    "text": b"<html>Not found</html>",
    "a large file's pointer": b"version https://git-lfs.github.com/spec/v1",
    "a float tiff": encoded("TIFF", Image.fromarray(np.zeros((9, 9), np.float32))),
    "an icon": encoded("ICO", Image.fromarray(PIXELS[:32, :32])),
}


@pytest.mark.parametrize("kind", DAMAGED)
def test_what_does_not_decode_whole_is_told(kind):
    found = decode_strictly(DAMAGED[kind])
    assert found.kind in ("truncated image", "unreadable image", "damaged image")
    assert found.detail
    assert "0x" not in found.detail


def exif(orientation):
    found = Image.Exif()
    found[274] = orientation
    return found


SOUND = {
    "jpeg": JPEG,
    "progressive": encoded("JPEG", progressive=True),
    "grey": encoded("JPEG", Image.fromarray(PIXELS).convert("L")),
    "cmyk": encoded("JPEG", Image.fromarray(PIXELS).convert("CMYK")),
    "padding behind its end": JPEG + bytes(65536),
    "turned": encoded("JPEG", exif=exif(6)),
    "mirrored": encoded("JPEG", exif=exif(2)),
    "png turned": encoded("PNG", exif=exif(8)),
    "png": encoded("PNG"),
    "palette": encoded("PNG", Image.fromarray(PIXELS).convert("P")),
    "alpha": encoded("PNG", Image.fromarray(PIXELS).convert("RGBA")),
    "bmp": encoded("BMP"),
    "webp": encoded("WEBP"),
    "tiff": encoded("TIFF"),
    "gif": encoded("GIF"),
}


@pytest.mark.parametrize("kind", SOUND)
def test_what_decodes_has_the_size_that_training_sees(kind):
    found, image = decode_strictly(SOUND[kind]), decode_image(SOUND[kind])
    assert found.kind == ""
    assert image.shape == (found.height, found.width, 3)


def png_header(width, height):
    import struct
    import zlib

    head = struct.pack(">II", width, height) + b"\x01\x00\x00\x00\x00"
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    packed = [struct.pack(">I", len(c)) + n + c + struct.pack(">I", zlib.crc32(n + c)) for n, c in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


@pytest.mark.parametrize("size", [(13376, 13376), (18000, 10000), (60000, 60000), (2**31 - 1, 1)])
def test_a_decompression_bomb_takes_no_memory(size):
    found = decode_strictly(png_header(*size))
    assert found.kind == "unreadable image"
    assert "pixels" in found.detail


def test_values_of_twelve_bits_are_seen():
    values = np.linspace(0, 4095, 1200).reshape(30, 40).astype(np.uint16)
    raw = cv2.imencode(".png", values)[1].tobytes()
    assert decode_strictly(raw).peak == 4095
    assert decode_image(raw).max() == 15
    assert decode_image(raw, bits=12).max() == 255
    assert decode_strictly(encoded("PNG")).peak == 0

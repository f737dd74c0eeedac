"""Whether an image file decodes whole, and to what: by the decoder that training uses, and strictly.

OpenCV decodes what is left of a damaged JPEG and says so on the terminal at most; libjpeg-turbo's warnings, and
Pillow's errors for other formats, are findings here.
"""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass

import cv2
import numpy as np
import simplejpeg
from PIL import Image, UnidentifiedImageError

from yololab.data.similar import look_of

MOST_PIXELS = 2**27
"""134 million: 400 MB decoded, more than any photograph; beyond it a small file can be a decompression bomb"""
JPEG_KINDS = ("JPEG", "MPO")
DEEP_TIFF_TAG = 258
TRUNCATED, UNREADABLE, DAMAGED = "truncated image", "unreadable image", "damaged image"
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


@dataclass(frozen=True)
class Decoded:
    """What an image's bytes decode to; `kind` and `detail` say what is wrong with them, where something is."""

    width: int = 0
    height: int = 0
    peak: int = 0
    """Largest value of an image of 16 bits; 0 for all others"""
    kind: str = ""
    detail: str = ""
    look: str = ""
    """Its difference hash; empty where it is flat"""


def decode_strictly(raw: bytes) -> Decoded:
    """Decode an image file's bytes once, wholly. Never raises for bad bytes."""
    if not raw:
        return Decoded(kind=UNREADABLE, detail="the file is empty")
    try:
        with Image.open(io.BytesIO(raw)) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                return _too_large(f"{width}x{height}")
            is_jpeg, is_deep = image.format in JPEG_KINDS, _is_deep(image, raw)
            if not is_jpeg:
                image.load()
    except Image.DecompressionBombError as error:
        return _too_large(str(error))
    except UnidentifiedImageError:
        return Decoded(kind=UNREADABLE, detail="not an image of a known kind")
    except Exception as error:  # Pillow's formats raise whatever their bytes make them
        return _wrong(str(error))
    wrong = _jpeg_warning(raw) if is_jpeg else None
    return _wrong(wrong) if wrong else _by_training_decoder(raw, is_deep)


def decode_image(raw: bytes, bits: int = 8) -> np.ndarray | None:
    """(H, W, 3) BGR uint8, turned as its EXIF says; None where it cannot be decoded.

    With `bits` above 8, values of a 16-bit file are taken to have that many bits.
    """
    flags = cv2.IMREAD_COLOR if bits == 8 else cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH
    try:
        image = cv2.imdecode(np.frombuffer(raw, np.uint8), flags)
    except cv2.error:
        return None
    if image is None or image.dtype == np.uint8:
        return image
    return np.right_shift(image, bits - 8).clip(0, 255).astype(np.uint8) if image.dtype == np.uint16 else None


def _by_training_decoder(raw: bytes, is_deep: bool) -> Decoded:
    image = decode_image(raw)
    if image is None:
        return Decoded(kind=UNREADABLE, detail="OpenCV cannot decode it")
    height, width = image.shape[:2]
    peak = 0
    if is_deep:
        deep = cv2.imdecode(np.frombuffer(raw, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
        peak = max(1, int(deep.max())) if deep is not None and deep.dtype == np.uint16 else 0
    return Decoded(width, height, peak, look=look_of(image))


def _is_deep(image: Image.Image, raw: bytes) -> bool:
    """Whether a file holds more than 8 bits for each value."""
    if image.format == "PNG":
        return len(raw) > 24 and raw[24] == 16
    if image.format == "TIFF":
        bits = image.tag_v2.get(DEEP_TIFF_TAG, 8)  # type: ignore[attr-defined]
        return max(bits if isinstance(bits, tuple) else (bits,)) > 8
    return image.mode.startswith("I")


def _jpeg_warning(raw: bytes) -> str | None:
    """What libjpeg-turbo has to say about a JPEG; None for a sound one."""
    try:
        space = simplejpeg.decode_jpeg_header(raw)[2]
        target = "CMYK" if space in ("CMYK", "YCCK") else "GRAY"
        # All entropy-coded data is read, the rest of the work is kept small.
        simplejpeg.decode_jpeg(raw, target, fastdct=True, fastupsample=True, min_height=1, min_width=1, strict=True)
    except ValueError as error:
        return None if "color conversion" in str(error) else str(error)
    return None


def _too_large(what: str) -> Decoded:
    return Decoded(kind=UNREADABLE, detail=f"{what}: more than {MOST_PIXELS:,} pixels; make it smaller")


def _wrong(text: str) -> Decoded:
    if re.search("truncated|premature end|ended prematurely|not enough image data|end of file|buffer", text, re.I):
        return Decoded(kind=TRUNCATED, detail=text)
    return Decoded(kind=DAMAGED if "orrupt" in text or "bad " in text else UNREADABLE, detail=text)

"""Picture files -> grey pictures as a viewer would show them: upright, transparency on white, 8 bits."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import cv2
import numpy as np
from numpy.typing import NDArray

from edge_digits.errors import ImageError
from edge_digits.io.header import read_header
from edge_digits.system.native_stderr import native_stderr

logger = logging.getLogger(__name__)

MAX_PIXELS = 100_000_000
"""Pictures with more pixels are refused before anything is decoded."""

MAX_BYTES = 256 * 2**20
"""Longer files are refused unread; an uncompressed picture of ``MAX_PIXELS`` in grey still passes."""

# What a picture stored with EXIF orientation 2..8 needs to stand upright.
_TURNS: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
    2: lambda image: cv2.flip(image, 1),
    3: lambda image: cv2.rotate(image, cv2.ROTATE_180),
    4: lambda image: cv2.flip(image, 0),
    5: cv2.transpose,
    6: lambda image: cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE),
    7: lambda image: cv2.flip(cv2.transpose(image), -1),
    8: lambda image: cv2.rotate(image, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


def load_grey(path: str | os.PathLike[str]) -> NDArray[np.uint8]:
    """Load a picture file as it is displayed.

    Returns (H, W) uint8, 0 black … 255 white. Reads JPEG (CMYK too), PNG, TIFF, WebP and BMP with 8 or 16
    bits, palettes and transparency; EXIF orientation is applied. Raises ImageError, in one line that begins
    with the path, if the file is missing, a folder, empty, not such a picture, damaged, cut short, or
    larger than ``MAX_PIXELS``. A JPEG that is all there but damaged is read, with a warning in the log.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            return read_grey(file, str(path))
    except FileNotFoundError:
        raise ImageError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise ImageError(f"{path}: is a folder, not a picture") from None
    except OSError as error:
        raise ImageError(f"{path}: cannot be opened: {error.strerror}") from error


def read_grey(file: BinaryIO, name: str) -> NDArray[np.uint8]:
    """`load_grey` from an open binary file, such as standard input; ``name`` stands in error messages."""
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ImageError(f"{name}: larger than {MAX_BYTES >> 20} MB, the most that is read")
    return decode_grey(data, name)


def decode_grey(data: bytes, name: str = "picture") -> NDArray[np.uint8]:
    """`load_grey` from the bytes of a picture file; ``name`` stands in error messages."""
    if not data:
        raise ImageError(f"{name}: the file is empty")
    try:
        header = read_header(data)
    except ValueError as error:
        raise ImageError(f"{name}: {error}") from error
    if header.width * header.height > MAX_PIXELS:
        raise ImageError(
            f"{name}: {header.width} x {header.height} pixels are more than the "
            f"{MAX_PIXELS // 10**6} million that are read; make it smaller first"
        )
    # A JPEG's grey plane comes out of the decoder as it is; others may have more than 8 bits, or alpha.
    flags = cv2.IMREAD_UNCHANGED
    if header.format == "JPEG":
        flags = cv2.IMREAD_GRAYSCALE | cv2.IMREAD_IGNORE_ORIENTATION
    image, noise = _decode(data, flags)
    if noise:
        logger.debug("%s: the decoder said: %s", name, noise)
    # libjpeg fills what is missing with grey and only warns.
    if image is None or "premature end" in noise:
        raise ImageError(f"{name}: the {header.format} picture is damaged or cut short (truncated)")
    if "Corrupt JPEG data" in noise:
        # Not refused: what some webcams write before the end of every picture looks the same to the decoder.
        logger.warning("%s: the JPEG picture is damaged; what is read in it may be wrong, or some of it missing", name)
    try:
        grey = to_grey(image)
    except ImageError as error:
        raise ImageError(f"{name}: {error}") from error
    return _TURNS[header.orientation](grey) if header.orientation in _TURNS else grey


def as_grey(picture: str | os.PathLike[str] | NDArray[Any] | Any) -> NDArray[np.uint8]:
    """Grey version (H, W) uint8 of a picture: of the file at a path, of an array as ``to_grey`` takes it, or of an
    image of Pillow's or of what is like it, whose pixels are taken as they lie. Raises ImageError."""
    if isinstance(picture, (str, os.PathLike)):
        return load_grey(picture)
    if isinstance(picture, np.ndarray):
        return to_grey(picture)
    if str(getattr(picture, "mode", "")).startswith("I;16"):
        # Pillow makes white of all that is above 255.
        return to_grey(np.asarray(picture).astype(np.uint16))
    if callable(getattr(picture, "convert", None)):
        red, green, blue, alpha = cv2.split(np.asarray(picture.convert("RGBA"), np.uint8))
        return to_grey(cv2.merge((blue, green, red, alpha)))
    raise ImageError(f"a picture must be a path, an array or an image of Pillow's, not {type(picture).__name__}")


def to_grey(image: NDArray[Any]) -> NDArray[np.uint8]:
    """Grey version of a picture in memory.

    image: (H, W), (H, W, 3) BGR or (H, W, 4) BGRA, uint8 or uint16 (full range). Transparency is put on
    white paper. Returns (H, W) uint8, the very array if it is one already. Raises ImageError for other shapes
    and types.
    """
    channels = image.shape[2] if image.ndim == 3 else 1
    if image.ndim not in (2, 3) or channels not in (1, 3, 4) or image.dtype not in (np.uint8, np.uint16):
        raise ImageError(
            f"a picture must be (H, W), (H, W, 3) or (H, W, 4) of 8 or 16 bits, not {image.shape} {image.dtype}"
        )
    if image.size == 0:
        raise ImageError("the picture has no pixels")
    if image.dtype == np.uint16:
        image = cv2.convertScaleAbs(image, alpha=1 / 257).reshape(image.shape)
    if channels == 1:
        return image if image.ndim == 2 else image[:, :, 0]
    if channels == 3:
        return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)
    grey = cv2.cvtColor(image, cv2.COLOR_BGRA2GRAY)
    darkness = cv2.multiply(cv2.bitwise_not(grey), np.ascontiguousarray(image[:, :, 3]), scale=1 / 255)
    return cv2.bitwise_not(darkness).astype(np.uint8, copy=False)


def _decode(data: bytes, flags: int) -> tuple[NDArray[Any] | None, str]:
    """``cv2.imdecode``, and what the decoders had to say meanwhile."""
    with native_stderr() as messages:
        try:
            image = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
        except cv2.error:
            image = None
    return image, " ".join(messages)

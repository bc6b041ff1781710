"""One picture as a camera sends it."""

from __future__ import annotations

import cv2
import numpy as np

from edge_digits.errors import ImageError
from edge_digits.io.header import read_header
from edge_digits.io.image import MAX_PIXELS
from edge_digits.types import Image, as_image

MOST_BYTES = 32 * 2**20
"""Of one picture."""

END_OF_IMAGE = b"\xff\xd9"
"""The last marker of a JPEG (ITU-T T.81, annex B); within its data there is none."""


def decode_frame(data: bytes) -> Image:
    """(H, W) uint8 from the bytes of a picture. Raises ImageError, in words, for what is none or is cut short.

    Not ``edge_digits.io.image.decode_grey``, which listens to what the decoder says on standard error: with a stream,
    that would be bent away from the other threads all the time.
    """
    if not data:
        raise ImageError("it is empty")
    try:
        header = read_header(data)
    except ValueError as error:
        raise ImageError(str(error)) from error
    if header.width * header.height > MAX_PIXELS:
        raise ImageError(f"{header.width} x {header.height} pixels are more than are read")
    if header.format == "JPEG" and data.rfind(END_OF_IMAGE, len(data) // 2) < 0:
        raise ImageError("the JPEG picture is cut short (truncated)")
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error:
        image = None
    if image is None:
        raise ImageError(f"the {header.format} picture is damaged")
    return as_image(image)

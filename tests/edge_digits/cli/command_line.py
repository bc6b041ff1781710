"""What tests of the command line share: a reader that sees 4 2, and pictures for it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from edge_digits.errors import ImageError
from edge_digits.page import Page
from edge_digits.types import Box, Digit, Line, Rejected

DIGITS = (Digit(4, 0.98765, Box(10, 10, 5, 9)), Digit(2, 0.9, Box(20, 10, 5, 9)))
PAGE = Page((Line("4 2", 0.88, Box(10, 10, 15, 9), DIGITS),), (Rejected(Box(1, 2, 3, 4), "too-small"),))


class StubReader:
    """Reads 4 2 on every picture but a black one, and nothing there; fails on a white one, and refuses grey 77."""

    def read(self, grey: np.ndarray) -> Page:
        if grey.min() == 255:
            raise ZeroDivisionError("white")
        if grey.min() == 77:
            raise ImageError("too narrow")
        return PAGE if grey.max() else Page((), ())


def picture(path: Path, grey: int = 128) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((48, 64), grey, np.uint8))
    return str(path)
